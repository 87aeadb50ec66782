import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { get } from "./api.js";
import { useAsked } from "./asked.js";
import { Highlighted } from "./highlight.jsx";
import { count, short } from "./telling.js";


/** The filter's text: highlighted, completed, checked and counted as it is typed; Enter applies it. */
export function FilterBox({ place, view, apply, field, children }) {
  const [draft, setDraft] = useState(place.filter);
  const [cursor, setCursor] = useState(null);
  const box = field;
  const drawn = useRef(null);
  useEffect(() => setDraft(place.filter), [place.filter]);

  const drafted = { ...view, filter: draft };
  const checked = useAsked("/api/check", drafted);
  const typed = draft !== place.filter;
  const counted = useAsked("/api/counts", { ...drafted, draft: "yes" }, { when: typed });  // not only once it is checked
  const error = checked.value?.error ?? null;
  const tokens = checked.value?.tokens;

  const menu = useMenu({ view: drafted, cursor, draft, close: () => setCursor(null), take(text, start, end, caret) {
    const next = draft.slice(0, start) + text + draft.slice(end);
    setDraft(next);
    placeCursor(start + text.length - caret);
  } });
  const waiting = useRef(null);
  const placeCursor = (at) => {
    waiting.current = at;
    setCursor(at);
  };
  useLayoutEffect(() => {
    const element = box.current;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 132)}px`;
    if (waiting.current !== null) {
      element.focus();
      element.setSelectionRange(waiting.current, waiting.current);
      waiting.current = null;
    }
  }, [draft, waiting.current]);

  const finish = () => {
    setCursor(null);
    apply(draft);
  };
  const pressed = (event) => {
    if (event.ctrlKey && event.key === " ") {
      event.preventDefault();
      setCursor(event.target.selectionStart);
    } else if (menu.pressed(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      finish();
    } else if (event.key === "Escape") {
      if (typed) setDraft(place.filter);
      else box.current.blur();
      setCursor(null);
    }
  };
  const moved = (event) => cursor !== null && setCursor(event.target.selectionStart);
  const input = (event) => {
    setDraft(event.target.value);
    setCursor(event.target.selectionStart);
  };
  const replaced = (suggestion) => {
    setDraft(draft.slice(0, error.start) + suggestion + draft.slice(error.end));
    placeCursor(error.start + suggestion.length);
  };
  return (
    <div class="filter">
      <div class={error && !menu.open ? "filter-field filter-bad" : "filter-field"}>
        <label class="hidden" for="filter">Filter</label>
        <div class="filter-drawn" aria-hidden="true" ref={drawn}>
          <Highlighted text={draft} tokens={tokens} error={error} />{"​"}
        </div>
        <textarea
          id="filter" ref={box} rows="1" value={draft} placeholder="Filter: a key, an operator, a value"
          spellcheck={false} autocomplete="off" autocapitalize="off"
          role="combobox" aria-expanded={menu.open} aria-controls="completions" aria-autocomplete="list"
          aria-activedescendant={menu.active} aria-invalid={Boolean(error)} aria-describedby="filter-says"
          onInput={input} onKeyDown={pressed} onKeyUp={moved} onClick={moved} onBlur={() => setCursor(null)}
          onScroll={(event) => { drawn.current.scrollTop = event.target.scrollTop; }}
        />
        {draft !== "" && (
          <button type="button" class="icon filter-clear" aria-label="Clear the filter" onClick={() => { setDraft(""); apply(""); }}>×</button>
        )}
        <div class="filter-more">{children}</div>
        {menu.list}
      </div>
      <div id="filter-says" class="filter-says" role="status">
        {error ? <Wrong error={error} choose={replaced} /> : <Draft typed={typed} words={checked.value?.words} counted={counted} apply={finish} />}
      </div>
    </div>
  );
}

function Wrong({ error, choose }) {
  return (
    <>
      <span class="bad">{error.message}</span>
      {error.hint && !error.suggestions?.length && <span class="quiet"> · {error.hint}</span>}
      {error.suggestions?.length > 0 && <span class="quiet"> · did you mean </span>}
      {error.suggestions?.slice(0, 3).map((each) => (
        <button key={each} type="button" class="link mono" onClick={() => choose(each)}>{each}</button>
      ))}
    </>
  );
}

function Draft({ typed, words, counted, apply }) {
  if (!typed) return <span class="quiet">{words ?? " "}</span>;
  const found = counted.value?.error ? null : counted.value;  // what is wrong is told by the check
  return (
    <>
      <button type="button" class="link" onClick={apply}>Enter applies it</button>
      <span class="quiet">
        {found && <> · {count(found.matched)} would match{found.unknown > 0 && `, ${count(found.unknown)} unknown`}</>}
        {words && ` · ${words}`}
      </span>
    </>
  );
}

/** The menu of completions: open while somebody types, arrows choose, Tab or Enter takes. */
function useMenu({ view, cursor, draft, take, close }) {
  const [chosen, setChosen] = useState(-1);
  const [answer, setAnswer] = useState(null);
  const asked = cursor === null ? null : `${cursor} ${draft}`;
  useEffect(() => {
    setChosen(-1);
    if (asked === null) return undefined;
    const controller = new AbortController();
    get("/api/complete", { ...view, cursor, limit: 12 }, controller.signal).then(
      (found) => controller.signal.aborted || setAnswer({ asked, ...found }),
      () => {},  // no menu is no harm: what is wrong is told by the check
    );
    return () => controller.abort();
  }, [asked, view.relation, view.snapshot]);
  const found = asked !== null && answer?.asked === asked ? answer : null;
  const whole = found?.candidates.length === 1 && found.candidates[0].text === draft.slice(found.start, found.end);
  const candidates = whole ? [] : (found?.candidates ?? []);
  const open = candidates.length > 0;
  const accept = (candidate) => take(candidate.text, found.start, found.end, candidate.caret);
  const pressed = (event) => {
    if (!open || event.isComposing) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      const all = candidates.length + 1;
      setChosen(((chosen + 1 + steps[event.key] + all) % all) - 1);
    } else if (event.key === "Tab" && !event.shiftKey) accept(candidates[Math.max(0, chosen)]);
    else if (event.key === "Enter" && chosen >= 0) accept(candidates[chosen]);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const list = (
    <ul id="completions" class="menu completions" role="listbox" aria-label="Completions" hidden={!open}>
      {candidates.map((each, n) => (
        <li
          key={each.text} id={`completion-${n}`} role="option" aria-selected={n === chosen}
          onMouseDown={(event) => { event.preventDefault(); accept(each); }}
        >
          <span class={`mono completion-${each.kind}`}>{each.label}</span>
          <span class="quiet">{each.count === null || each.count === undefined ? each.detail : short(each.count)}</span>
        </li>
      ))}
    </ul>
  );
  return { open, pressed, list, active: open && chosen >= 0 ? `completion-${chosen}` : undefined };
}
