import { useEffect, useState } from "preact/hooks";
import { get, post } from "./api.js";
import { Failure } from "./failure.jsx";
import { useJob, Progress } from "./job.jsx";
import { count, moment } from "./telling.js";

/** Bring what changed on the server here, and see how far it is. */
export function SyncPage({ go, state, look }) {
  const [job, setJob] = useState(null);
  const synced = [...state.synced.projects, ...state.synced.datasets];
  const [what, setWhat] = useState(synced.length > 0 ? "known" : "named");
  const [project, setProject] = useState("");
  const [full, setFull] = useState(false);
  const [error, setError] = useState(null);
  const running = useJob(job, look);
  useEffect(() => {
    // One that was begun before this page was opened is followed, too.
    get("/api/jobs", {}).then(({ jobs }) => setJob((mine) => mine ?? jobs.filter((each) => each.kind === "sync").at(-1)?.id ?? null), () => {});
  }, []);
  const begin = async (wanted) => {
    setError(null);
    try {
      setJob((await post("/api/sync", wanted)).id);
    } catch (problem) {
      setError(problem);
    }
  };
  const submit = (event) => {
    event.preventDefault();
    const named = { known: state.synced, named: { projects: [project.trim()], datasets: [] }, all: { projects: [], datasets: [] } }[what];
    begin({ ...named, full });
  };
  const stop = async () => {
    try {
      return (await post(`/api/jobs/${encodeURIComponent(job)}/stop`)).stopping;
    } catch (problem) {
      setError(problem);  // such as that it has ended meanwhile
      return false;
    }
  };
  const why = state.read_only ? "This Explorer is read-only." : state.server === null ? "The workspace is not connected: metaquery connect" : null;
  return (
    <main class="page">
      <h1>Sync</h1>
      {state.snapshot && <p class="lead">Shown now: snapshot {moment(state.snapshot.created_at)} UTC, {count(state.snapshot.data)} data units, {count(state.snapshot.labels)} labels, {count(state.snapshot.predictions)} predictions.</p>}
      {state.server && <p class="quiet">From {state.server.domain}, with the key {state.server.fingerprint}.</p>}
      {what === "known" && !why && <p class="quiet">Synced before: {synced.join(", ")}.</p>}
      {why && <p class="notice">{why}</p>}
      {!why && running?.state !== "running" && (
        <form class="line-form" onSubmit={submit}>
          <label>What
            <select value={what} onChange={(event) => setWhat(event.target.value)}>
              {synced.length > 0 && <option value="known">what was synced before ({synced.length})</option>}
              <option value="named">a project</option>
              <option value="all">all that the key may read</option>
            </select>
          </label>
          {what === "named" && (
            <label>Project
              <input id="project" required value={project} placeholder="title or hash" autocomplete="off" list="projects" onInput={(event) => setProject(event.target.value)} />
              <Projects state={state} />
            </label>
          )}
          <label class="check"><input type="checkbox" checked={full} onChange={(event) => setFull(event.target.checked)} /> Read everything again</label>
          <button type="submit" class="primary">Sync</button>
        </form>
      )}
      {error && <Failure error={error} />}
      {running?.state === "running" && <Progress job={running} stop={state.read_only ? null : stop} />}
      {running?.state === "stopped" && <Stopped job={running} state={state} goOn={why ? null : () => begin(running.asked)} />}
      {running?.state === "failed" && <Failure error={running.error} />}
      {running?.state === "done" && <Report report={running.result} go={go} />}
    </main>
  );
}

function Stopped({ job, state, goOn }) {
  return (
    <section class="block" role="status">
      <h2>Stopped</h2>
      <p>
        Nothing was published{state.snapshot && ": what you see is as it was"}.
        {" "}{job.asked.full ? "What was being read is gone on with; what was read before it is read again." : "What was read is kept, and the next sync goes on from there."}
        {job.total > 0 && <span class="quiet"> {job.stage}: {count(job.done)} of {count(job.total)}</span>}
      </p>
      {goOn && <p class="actions"><button type="button" class="primary" onClick={goOn}>Go on</button></p>}
    </section>
  );
}

/** Titles that a field may be completed with: of projects that were synced. */
export function Projects({ state }) {
  return <datalist id="projects">{state.synced.projects.map((title) => <option key={title} value={title} />)}</datalist>;
}

function Report({ report, go }) {
  const { changes, snapshot } = report;
  return (
    <section class="block" role="status">
      <h2>{report.published ? "A new snapshot" : "Nothing has changed"}</h2>
      {changes && <p>{count(changes.added)} added, {count(changes.changed)} changed, {count(changes.removed)} removed.</p>}
      {report.schema_missing && <p class="amber">The organisation has no metadata schema: types were inferred.</p>}
      {snapshot && <p class="actions"><button type="button" class="primary" onClick={() => go({ snapshot: snapshot.id, page: "rows", relation: "data", at: "" })}>Show it</button></p>}
      <div class="table-scroll">
        <table class="plain">
          <thead><tr><th scope="col">Part</th><th scope="col">Kind</th><th scope="col" class="align-right">Read</th></tr></thead>
          <tbody>{report.parts.map((part) => <tr key={`${part.kind} ${part.title}`}><td>{part.title}</td><td class="quiet">{part.kind}</td><td class="align-right">{count(part.received)}{part.expected !== null && <span class="quiet"> of {count(part.expected)}</span>}</td></tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}
