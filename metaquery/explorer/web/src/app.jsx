import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Link, useAddress } from "./address.jsx";
import { get } from "./api.js";
import { BACK, isLost, useAsked, useLatest } from "./asked.js";
import { CollectionsPage } from "./collections-page.jsx";
import { ExplorePage } from "./explore-page.jsx";
import { Failure, Skeleton } from "./failure.jsx";
import { Help } from "./help.jsx";
import { SchemaPage } from "./schema-page.jsx";
import { SnapshotsPage } from "./snapshots-page.jsx";
import { SyncPage } from "./sync-page.jsx";
import { age, ago, count, moment } from "./telling.js";

const LOOK_S = 5;
const PAGES = { collections: CollectionsPage, schema: SchemaPage, sync: SyncPage, snapshots: SnapshotsPage };

export function App() {
  const [place, go] = useAddress();
  const state = useAsked("/api/state", { snapshot: place.snapshot });
  const known = state.value ?? state.before;
  const [newest, look, lost] = useNewest(known, state.again);
  const [message, tell] = useMessage();
  const [help, setHelp] = useState(false);
  const field = useRef(null);
  useKeys({ help: () => setHelp(true), filter: field });
  useEffect(() => {
    // A link holds the snapshot, so that it shows the same tomorrow; a new one is offered, never swapped in.
    if (state.value?.snapshot && !place.snapshot) go({ snapshot: state.value.snapshot.id }, { replace: true });
  }, [state.value, place.snapshot]);
  useEffect(() => {
    document.title = `${titleOf(place)} · ${known?.workspace.name ?? "metaquery"}`;
  }, [place.page, place.relation, known?.workspace.name]);

  const toNewest = () => go({ snapshot: newest?.id ?? "", at: "" });
  if (state.error && !known) {
    return <main class="alone"><h1>metaquery</h1><Failure error={state.error} again={state.again} actions={place.snapshot && <button type="button" onClick={() => go({ snapshot: "" })}>Show the newest snapshot</button>} /></main>;
  }
  if (!known) return <main class="alone">{state.slow && <Skeleton lines={4} label="Opening the workspace" />}</main>;
  const Page = PAGES[place.page] ?? ExplorePage;
  const shared = { place, go, state: known, tell, field, look, refresh: state.again };
  return (
    <>
      <Header place={place} go={go} state={known} help={() => setHelp(true)} />
      {state.error && <Failure error={state.error} again={state.again} actions={<button type="button" onClick={() => go({ snapshot: "" })}>Show the newest snapshot</button>} />}
      {lost && (
        <div class="banner banner-bad" role="alert">
          {lost.status === 401
            ? <span>The Explorer was started again. Open the address that it has printed, and this page goes on.</span>
            : <span>The Explorer has ended: what you see is of before. Start it again with <code>metaquery explore --port {location.port}</code>.</span>}
        </div>
      )}
      {newest && known.snapshot && newest.id !== known.snapshot.id && !place.page.startsWith("snapshots") && (
        <div class="banner" role="status">
          <span>A newer snapshot is there: {moment(newest.created_at)} UTC, {count(newest.data)} data units.</span>
          <button type="button" onClick={toNewest}>Show it</button>
        </div>
      )}
      {known.snapshot === null && place.page === "rows" ? <Empty state={known} /> : <Page {...shared} />}
      <Message message={message} close={() => tell(null)} />
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

function titleOf(place) {
  const word = place.page === "rows" ? place.relation : place.page;
  return word[0].toUpperCase() + word.slice(1);
}

function Header({ place, go, state, help }) {
  const from = { ...place, unit: "", at: "", id: "", facets: "" };
  const to = (relation) => ({ page: "rows", relation, id: "", unit: "", at: "", ...(relation === place.relation ? {} : { filter: "", search: "", order: "", columns: "", facets: "" }) });
  const other = (page) => ({ page, id: "", unit: "", at: "" });
  return (
    <header class="top">
      <a class="skip" href="#results">Skip to the rows</a>
      <span class="brand"><Mark /> <span class="brand-name" title={state.workspace.path}>{state.workspace.name}</span></span>
      <nav aria-label="Pages">
        <span class="tabs">
          {["data", "labels", "predictions"].map((name) => (
            <Link key={name} to={to(name)} from={from} go={go} aria-current={place.page === "rows" && place.relation === name ? "page" : undefined}>
              {name[0].toUpperCase() + name.slice(1)}
              {" "}{state.snapshot && <span class="tab-count">{count(state.snapshot[name])}</span>}
            </Link>
          ))}
        </span>
        <span class="tabs tabs-quiet">
          {Object.keys(PAGES).map((name) => (
            <Link key={name} to={other(name)} from={from} go={go} aria-current={place.page === name ? "page" : undefined}>{titleOf({ page: name })}</Link>
          ))}
        </span>
      </nav>
      <span class="spring" />
      {state.read_only && <span class="tag">read-only</span>}
      {state.snapshot && <span class="quiet top-snapshot" title={state.snapshot.id}>{ago(age(state.snapshot))} old</span>}
      <button type="button" class="icon" aria-label="Help: keys and the language" onClick={help}>?</button>
    </header>
  );
}

function Mark() {
  return <svg class="mark" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true"><rect width="16" height="16" rx="4" /><path d="M3.5 4.5h9L9 9v3.5L7 11V9z" /></svg>;
}

function Empty({ state }) {
  return (
    <main class="alone">
      <h1>Nothing was synced yet</h1>
      <p>The Explorer shows what is in the workspace <code>{state.workspace.path}</code>, and there is nothing in it. Run this there:</p>
      <pre class="command"><code>{state.next}</code></pre>
      <p class="quiet">This page shows the data as soon as it is there.</p>
    </main>
  );
}

function Message({ message, close }) {
  return (
    <div class="message" role="alert" hidden={!message}>
      {message && (
        <>
          <span><strong>{message.message}</strong>{message.hint && <span class="quiet"> {message.hint}</span>}</span>
          {message.action && <button type="button" onClick={() => { close(); message.action.act(); }}>{message.action.label}</button>}
          <button type="button" class="icon" aria-label="Close the message" onClick={close}>×</button>
        </>
      )}
    </div>
  );
}

/** Something to tell that belongs to no place on the page: an error, or that something was done. */
function useMessage() {
  const [message, setMessage] = useState(null);
  const tell = useCallback(setMessage, []);
  return [message, tell];
}

/**
 * Look now and then for a newer snapshot: another process may publish one. The third that is returned is why nobody
 * answers any more; once somebody does again, what was asked in vain is asked again.
 */
function useNewest(known, again) {
  const [newest, setNewest] = useState(null);
  const [lost, setLost] = useState(null);
  const empty = known?.snapshot === null;
  const look = useLatest(async () => {
    if (document.hidden) return;
    try {
      const found = await get("/api/state", {});
      if (empty && found.newest) again();
      else setNewest(found.newest);
      if (lost) dispatchEvent(new Event(BACK));
      setLost(null);
    } catch (error) {
      setLost(isLost(error) ? error : null);
    }
  });
  useEffect(() => {
    const timer = setInterval(look, LOOK_S * 1000);
    addEventListener("focus", look);
    return () => {
      clearInterval(timer);
      removeEventListener("focus", look);
    };
  }, []);
  return [newest, look, lost];
}

/** Keys that work wherever nothing is being typed. */
function useKeys({ help, filter }) {
  useEffect(() => {
    const pressed = (event) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog")) return;
      if (event.key === "/") filter.current?.focus();
      else if (event.key === "?") help();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
