import { useEffect, useState } from "preact/hooks";
import { viewOf } from "./address.jsx";
import { useAsked } from "./asked.js";
import { CountLine } from "./count-line.jsx";
import { Detail } from "./detail.jsx";
import { Facets } from "./facets.jsx";
import { Failure } from "./failure.jsx";
import { FilterBox } from "./filter-box.jsx";
import { pictureSource } from "./pictures.js";
import { Results } from "./results.jsx";
import { Ribbon } from "./ribbon.jsx";
import { SavedFilters } from "./saved-filters.jsx";
import { SearchBox } from "./search-box.jsx";
import { useSelection } from "./selection.js";
import { Toolbar } from "./toolbar.jsx";

/** Data, labels or predictions: filter, search, facets, rows, and what is selected. */
export function ExplorePage({ place, go, state, tell, field, refresh }) {
  const view = { ...viewOf(place), snapshot: place.snapshot || state.snapshot.id };
  const relation = state.relations.find((each) => each.name === place.relation);
  const zone = place.time_zone || state.time_zone;
  const apply = (filter) => go({ filter, at: "" });
  const { order, columns, ...which } = view;
  const counts = useAsked("/api/counts", which);
  const tally = counts.value ?? (counts.slow ? null : counts.before);
  const [facets, showFacets] = useState(false);
  const matched = counts.value?.matched ?? 0;
  const selection = useSelection(view, matched, tell);
  const source = pictureSource(state, view.snapshot);
  const pictures = place.pictures ? source : null;
  usePageKeys({ selection, place, go, facets, showFacets });
  return (
    <div class={`explore${facets ? " explore-facets" : ""}${place.unit ? " explore-detail" : ""}`}>
      <div class="ask" role="search">
        <FilterBox place={place} view={view} apply={apply} field={field}>
          <SavedFilters place={place} state={state} apply={apply} changed={refresh} />
        </FilterBox>
        <SearchBox place={place} view={view} apply={(search) => go({ search, at: "" }, { replace: search !== "" && place.search !== "" })} />
      </div>
      <aside id="facets" class="facets" aria-label="Facets">
        <div class="facets-head only-narrow">
          <h2>Facets</h2>
          <button type="button" class="icon" aria-label="Close the facets" onClick={() => showFacets(false)}>×</button>
        </div>
        <Facets place={place} view={view} relation={relation} ready={Boolean(counts.value)} failed={Boolean(counts.error)} go={go} apply={apply} tell={tell} />
      </aside>
      <main class="work">
        <h1 class="hidden">{relation.name}</h1>
        {!counts.error && <CountLine tally={tally} pending={counts.pending && counts.slow} relation={relation} snapshot={state.snapshot} />}
        {selection.size > 0
          ? <Ribbon selection={selection} view={view} matched={matched} relation={relation} state={state} tell={tell} go={go} place={place} />
          : <Toolbar place={place} view={view} relation={relation} downloads={state.downloads} go={go} source={source} facets={facets} showFacets={showFacets} />}
        {counts.error
          ? <FilterFailure error={counts.error} again={counts.again} place={place} go={go} />
          : counts.value && matched === 0
            ? <Nothing tally={counts.value} relation={relation} place={place} go={go} />
            : <Results place={place} view={view} total={matched} singular={relation.singular} zone={zone} selection={selection} go={go} open={(unit) => go({ unit })} pictures={pictures} />}
      </main>
      {place.unit && <Detail hash={place.unit} snapshot={view.snapshot} zone={zone} close={() => go({ unit: "" })} pictures={pictures} />}
    </div>
  );
}

function FilterFailure({ error, again, place, go }) {
  const filter = error.kind === "filter";
  const actions = filter
    ? <button type="button" onClick={() => go({ filter: "", at: "" })}>Clear the filter</button>
    : place.time_zone && error.status === 400 && <button type="button" onClick={() => go({ time_zone: "" })}>Read times as the workspace does</button>;
  return (
    <div class="empty">
      <Failure error={error} again={filter ? null : again} actions={actions} />
      {error.told?.picture && <pre class="picture-text">{error.told.picture}</pre>}
    </div>
  );
}

function Nothing({ tally, relation, place, go }) {
  if (tally.total === 0) {
    return <div class="empty"><h2>There are no {relation.name} here</h2><p class="quiet">The snapshot has none. Sync a project that has some.</p></div>;
  }
  return (
    <div class="empty">
      <h2>Nothing matches</h2>
      {tally.why_nothing.map((why) => <p key={why}>{why}</p>)}
      {tally.remarks.map((remark) => <p key={remark} class="quiet">{remark}</p>)}
      <p class="actions">
        {place.filter && <button type="button" onClick={() => go({ filter: "" })}>Clear the filter</button>}
        {place.search && <button type="button" onClick={() => go({ search: "" })}>Clear the search</button>}
      </p>
    </div>
  );
}

/** Keys of this page, where nothing is being typed. */
function usePageKeys({ selection, place, go, facets, showFacets }) {
  useEffect(() => {
    const pressed = (event) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog")) return;
      const results = document.getElementById("results");
      if (event.key === "Escape") {
        if (facets) showFacets(false);
        else if (place.unit) go({ unit: "" });
        else if (selection.size > 0) selection.clear();
        else return;
      } else if (event.key === "c" && selection.size > 0) {
        document.getElementById("add-to-collection")?.click();
      } else if (["ArrowDown", "ArrowUp", "x"].includes(event.key) && results && !results.contains(event.target) && event.target === document.body) {
        results.focus();
        results.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, bubbles: true }));
      } else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
