// The address is the state: whatever is shown is told by it, so that Back, reload and a copied link work.
import { useEffect, useState } from "preact/hooks";
import { addressOf } from "./api.js";

const RELATIONS = ["data", "labels", "predictions"];
const VIEW = ["filter", "search", "order", "columns", "snapshot", "time_zone"];
/** What the address has beside the view; `at` is the first row that is seen. */
const BESIDE = ["layout", "unit", "at", "facets", "pictures", "left", "right"];

export function readAddress(location = window.location) {
  const [, first = "", second = ""] = location.pathname.split("/");
  const given = new URLSearchParams(location.search);
  const place = { page: "rows", relation: "data", id: "" };
  for (const name of [...VIEW, ...BESIDE]) place[name] = given.get(name) ?? "";
  if (RELATIONS.includes(first)) place.relation = first;
  else if (first === "units") place.unit = decodeURIComponent(second);
  else if (first !== "") Object.assign(place, { page: first, id: decodeURIComponent(second) });
  return place;
}

export function writeAddress(place) {
  const path = place.page === "rows" ? `/${place.relation}` : `/${place.page}${place.id ? `/${encodeURIComponent(place.id)}` : ""}`;
  const beside = Object.fromEntries(BESIDE.map((name) => [name, name === "at" && place.at === "0" ? "" : place[name]]));
  const view = place.page === "rows" ? viewOf(place) : { snapshot: place.snapshot };
  delete view.relation;
  return addressOf(path, { ...view, ...beside });
}

/** The parameters that tell the server which rows are meant. */
export function viewOf(place) {
  return { relation: place.relation, ...Object.fromEntries(VIEW.map((name) => [name, place[name]])) };
}

/** Names between commas, of which some are quoted, as the server gave them. */
export function names(text) {
  return text.match(/(?:"(?:[^"]|"")*"|[^,"])+/g)?.map((name) => name.trim()) ?? [];
}

export function useAddress() {
  const [place, setPlace] = useState(readAddress);
  useEffect(() => {
    const moved = () => setPlace(readAddress());
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const go = (changes, { replace = false } = {}) => {
    const next = { ...readAddress(), ...changes };
    const address = writeAddress(next);
    if (address !== location.pathname + location.search) {
      history[replace ? "replaceState" : "pushState"](null, "", address);
    }
    setPlace(readAddress());
  };
  return [place, go];
}

/** A link that moves within the page, and is a link like any other for who opens it in another tab. */
export function Link({ to, go, from, children, ...rest }) {
  const address = writeAddress({ ...from, ...to });
  const follow = (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return <a {...rest} href={address} onClick={follow}>{children}</a>;
}
