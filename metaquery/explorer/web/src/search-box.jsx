import { useEffect, useState } from "preact/hooks";
import { useAsked } from "./asked.js";

const RESTED_MS = 250;

/** A text that any text of a row has; applied while it is typed, and shown as the filter that it stands for. */
export function SearchBox({ place, view, apply }) {
  const [text, setText] = useState(place.search);
  useEffect(() => setText(place.search), [place.search]);
  useEffect(() => {
    if (text === place.search) return undefined;
    const rest = setTimeout(() => apply(text), RESTED_MS);
    return () => clearTimeout(rest);
  }, [text]);
  const { value } = useAsked("/api/check", { ...view, search: text }, { when: text.trim() !== "" });
  return (
    <div class="search">
      <label class="hidden" for="search">Search in every text</label>
      <input id="search" type="search" value={text} placeholder="Search in every text" autocomplete="off"
        aria-describedby="search-says"
        onInput={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && apply(text)} />
      <p id="search-says" class="search-says quiet mono" title={value?.search ?? ""}>{value?.search ?? " "}</p>
    </div>
  );
}
