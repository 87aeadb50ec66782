import { useEffect, useRef, useState } from "preact/hooks";
import { names, readAddress } from "./address.jsx";
import { get } from "./api.js";
import { useAsked } from "./asked.js";
import { useFacets } from "./facet-answers.js";
import { Failure, Skeleton } from "./failure.jsx";
import { Histogram } from "./histogram.jsx";
import { count, plural, short } from "./telling.js";

const FOUND_BY_TEXT = ["STRING", "ENUM", "UUID", "LIST"];

/** A facet for every key, counted without what the filter says of the key itself; a click edits the filter. */
export function Facets({ place, view, relation, ready, failed, go, apply, tell }) {
  const more = names(place.facets);
  const [folded, setFolded] = useState({});
  const of = (qualifier) => relation.fields.filter((field) => field.ref && field.qualifier === qualifier);
  const ofRows = relation.name === "data" ? [] : of(relation.singular);
  const own = [...ofRows, ...of("meta")];
  const group = (facet) => (more.includes(facet.ref) ? "Others" : ofRows.some((field) => field.ref === facet.ref) ? titled(relation.name) : "Custom metadata");
  const keys = [...own.map((field) => field.ref), ...more];
  const asked = useFacets(facetView(view), keys, { top: 8, bins: 24 }, ready);
  const shown = failed ? [] : asked.facets;
  const waiting = keys.length > 0 && !asked.whole && !failed;
  const edit = useEdits(view, apply, tell);
  const closed = (facet) => folded[facet.field] ?? tellsRowsApart(facet);
  const rest = relation.fields.filter((field) => field.ref && !own.includes(field) && !more.includes(field.ref));
  return (
    <div class="facets-inside" aria-busy={waiting}>
      {asked.error && <Failure error={asked.error} again={asked.again} />}
      {keys.length === 0 && <p class="facet-none quiet">There is no custom metadata here.</p>}
      {shown.map((facet, n) => [
        (ofRows.length > 0 || more.length > 0) && (n === 0 || group(facet) !== group(shown[n - 1])) && <h2 key={`group ${n}`} class="facet-group">{group(facet)}</h2>,
        <Facet
          key={facet.ref ?? facet.field} facet={facet} view={view} edit={edit}
          old={n >= asked.known} waiting={n >= asked.known && asked.slow}
          closed={closed(facet)} fold={() => setFolded({ ...folded, [facet.field]: !closed(facet) })}
          remove={more.includes(facet.ref) ? () => go({ facets: more.filter((ref) => ref !== facet.ref).join(",") }) : null}
        />,
      ])}
      {waiting && shown.length < keys.length && <Skeleton lines={shown.length ? 3 : 12} label="Counting facets" />}
      {shown.length > 0 && rest.length > 0 && (
        <label class="facet-more">
          <span class="hidden">Add a facet</span>
          <select value="" onChange={(event) => go({ facets: [...more, event.target.value].join(",") })}>
            <option value="" disabled>Add a facet …</option>
            {rest.map((field) => <option key={field.ref} value={field.ref}>{field.ref}</option>)}
          </select>
        </label>
      )}
    </div>
  );
}

/**
 * Return what edits the filter by a click. One click after the other, each on what the address has by then: who clicks
 * faster than bars are counted means all of the clicks, and not the last one alone. `ready` is the filter after the
 * click where the facet knows it, which saves a question.
 */
function useEdits(view, apply, tell) {
  const line = useRef(Promise.resolve());
  const waiting = useRef(0);
  return (changes, ready = null) => {
    if (ready !== null && waiting.current === 0 && readAddress().filter === view.filter) {
      apply(ready);
      return;
    }
    waiting.current += 1;
    line.current = line.current.then(async () => {
      const { page, relation, filter } = readAddress();
      try {
        if (page !== "rows" || relation !== view.relation) return;
        const edited = await get("/api/edit", { ...facetView(view), filter, ...changes });
        if (readAddress().filter === filter) apply(edited.filter);
      } catch (error) {
        tell(error);
      } finally {
        waiting.current -= 1;
      }
    });
  };
}

/** Ids and the like: nearly a value a row, so that their bars say nothing; folded until somebody opens them. */
function tellsRowsApart(facet) {
  return facet.own.length === 0 && facet.distinct > 50 && facet.distinct > facet.matched / 8;
}

const titled = (name) => name[0].toUpperCase() + name.slice(1);

function facetView(view) {
  const { order, columns, ...rest } = view;  // a facet is the same in every order
  return rest;
}

function Facet({ facet, view, edit, old, waiting, closed, fold, remove }) {
  const bins = facet.bars.filter((bar) => bar.kind === "bin");
  const toggle = (bar) => bar.toggled !== null && edit({ do: "toggle", key: facet.ref, with: bar.filter }, old ? null : bar.toggled);
  return (
    <section class={`facet${facet.own.length ? " facet-own" : ""}${waiting ? " facet-waiting" : ""}`} aria-label={facet.field} aria-busy={waiting}>
      <header>
        <h3>
          <button type="button" class="fold" aria-expanded={!closed} onClick={fold}>
            <span class="facet-name">{facet.field}</span>{" "}
            <span class="type">{facet.type.toLowerCase()}{facet.inferred ? ", inferred" : ""}</span>
          </button>
        </h3>
        {facet.own.length > 0 && (
          <button type="button" class="link" aria-label={`Clear what the filter says of ${facet.field}`} onClick={() => edit({ do: "clear", key: facet.ref })}>clear</button>
        )}
        {remove && <button type="button" class="icon" aria-label={`Remove the facet ${facet.field}`} onClick={remove}>×</button>}
      </header>
      {facet.own.length > 0 && <ul class="own" aria-label="What the filter says of it">{facet.own.map((each) => <li key={each} title={each.length > 80 ? each : undefined}><code>{each}</code></li>)}</ul>}
      {!closed && (
        <>
          {bins.length > 0 && (
            <Histogram facet={facet} bins={bins} toggle={toggle} waiting={waiting}
              brush={(from, to) => edit({ do: "brush", key: facet.ref, from, to })} />
          )}
          <Bars facet={facet} view={view} toggle={toggle} waiting={waiting} />
        </>
      )}
    </section>
  );
}

function Bars({ facet, view, toggle, waiting }) {
  const [find, setFind] = useState("");
  const findable = FOUND_BY_TEXT.includes(facet.type) && facet.distinct > 8;
  const found = useAsked("/api/facets", { ...facetView(view), keys: facet.ref, top: 20, find }, { when: findable && find !== "", delay: 120 });
  useEffect(() => setFind(""), [facet.field]);
  const bars = (found.value?.facets[0] ?? facet).bars.filter((bar) => bar.kind !== "bin");
  const most = Math.max(1, ...facet.bars.filter((bar) => !["others", "bin"].includes(bar.kind)).map((bar) => bar.rows));
  return (
    <>
      {findable && (
        <input class="facet-find" type="search" value={find} placeholder={`Find in ${plural(facet.distinct, "value")}`}
          aria-label={`Find a value of ${facet.field}`} onInput={(event) => setFind(event.target.value)} />
      )}
      <ul class="bars">
        {bars.map((bar) => (
          <li key={`${bar.kind} ${bar.label}`}><Bar bar={bar} most={most} toggle={toggle} waiting={waiting} /></li>
        ))}
      </ul>
      {found.value && bars.length === 0 && <p class="quiet facet-none">no value has that</p>}
    </>
  );
}

function Bar({ bar, most, toggle, waiting }) {
  const rows = waiting ? "" : count(bar.rows);
  const inside = (
    <>
      <span class="bar-fill" style={{ width: `${Math.min(100, (bar.rows / most) * 100)}%` }} />
      <span class="bar-label">{legible(bar.label)}</span>{" "}
      <span class="bar-count">{short(bar.rows)}</span>
    </>
  );
  const kind = `bar bar-${bar.kind}`;
  if (bar.toggled === null) return <span class={kind} title={rows}>{inside}</span>;
  return (
    <button type="button" class={kind} aria-pressed={bar.selected} title={rows ? `${bar.filter}: ${rows}` : bar.filter}
      onClick={() => toggle(bar)}>{inside}</button>
  );
}

/** A text that can be seen: one of nothing, or of blanks and marks without a width, is named. */
function legible(label) {
  if (label === "") return "(empty text)";
  return /^[\s\p{Cf}]*$/u.test(label) ? "(blank text)" : label;
}
