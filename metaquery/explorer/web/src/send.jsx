import { useState } from "preact/hooks";
import { post } from "./api.js";
import { useJob, Progress } from "./job.jsx";
import { Failure } from "./failure.jsx";
import { Projects } from "./sync-page.jsx";
import { count, plural } from "./telling.js";

const TO = [
  ["collection", "Collection", "an Index Collection in each folder where members lie"],
  ["project-collection", "Collection of a project", "frames or labels, in a project that is there"],
  ["dataset", "Dataset", "a new dataset of the members"],
  ["project", "Project", "a new dataset, and a project over it"],
];

/** Send to Annotate: choose what it becomes, see the plan, confirm it, see what came of it. */
export function SendForm({ collection, state, again }) {
  const [to, setTo] = useState(collection.relation === "data" ? "collection" : "project-collection");
  const [given, setGiven] = useState({});
  const [plan, setPlan] = useState(null);
  const [job, setJob] = useState(null);
  const [error, setError] = useState(null);
  const [working, setWorking] = useState(false);
  const running = useJob(job, again);
  if (collection.kind === "tag") return null;
  const why = state.read_only ? "This Explorer is read-only." : state.server === null ? "The workspace is not connected: metaquery connect" : null;
  const attempt = async (work) => {
    setError(null);
    setWorking(true);
    try {
      await work();
    } catch (problem) {
      setError(problem);
    }
    setWorking(false);
  };
  const show = (event) => {
    event.preventDefault();
    const body = Object.fromEntries(Object.entries({ to, ...given }).filter(([name, value]) => value && wanted(to).includes(name)));
    attempt(async () => setPlan(await post(`/api/collections/${encodeURIComponent(collection.id)}/plan`, body)));
  };
  const send = () => attempt(async () => {
    const begun = await post(`/api/plans/${encodeURIComponent(plan.plan)}/apply`);
    setPlan(null);
    setJob(begun.id);
  });
  const field = (name, label, extra = {}) => (
    <label>{label}<input value={given[name] ?? ""} autocomplete="off" {...extra} onInput={(event) => { setPlan(null); setGiven({ ...given, [name]: event.target.value }); }} /></label>
  );
  return (
    <section class="block send">
      <h2>Send to Annotate</h2>
      {why && <p class="quiet">{why}</p>}
      {!why && (!running || running.state !== "running") && (
        <form class="send-form" onSubmit={show}>
          <fieldset class="choices">
            <legend>It becomes</legend>
            {TO.map(([name, label, says]) => (
              <label key={name} class="check"><input type="radio" name="to" checked={to === name} onChange={() => { setTo(name); setPlan(null); }} /> <span>{label} <span class="quiet">{says}</span></span></label>
            ))}
          </fieldset>
          <div class="line-form">
            {to === "project-collection" && field("project", "Project (title or hash)", { required: true, list: "projects" })}
            {(to === "dataset" || to === "project") && field("title", "Title of the new one", { placeholder: collection.title })}
            {(to === "dataset" || to === "project") && field("description", "Description")}
            {to === "project" && field("like", "With the ontology of the project", { list: "projects" })}
            <Projects state={state} />
            <button type="submit" disabled={working}>Show what would be done</button>
          </div>
        </form>
      )}
      {error && <Failure error={error} />}
      {plan && <Plan plan={plan} send={send} cancel={() => setPlan(null)} working={working} />}
      {running?.state === "running" && <Progress job={running} />}
      {running?.state === "failed" && <Failure error={running.error} />}
      {running?.state === "done" && <Report report={running.result} />}
    </section>
  );
}

function wanted(to) {
  return { collection: ["to"], "project-collection": ["to", "project"], dataset: ["to", "title", "description"], project: ["to", "title", "description", "like"] }[to];
}

function Plan({ plan, send, cancel, working }) {
  return (
    <div class="plan" role="region" aria-label="The plan">
      <h3>{plan.idle ? "Nothing is to be done" : "This would be done"}</h3>
      <ul class="plan-lines">{plan.lines.map((line, n) => <li key={n}>{line}</li>)}</ul>
      {plan.left_out.count > 0 && <Reasons title={`${plural(plan.left_out.count, "member")} would be left out`} rows={plan.left_out.first} />}
      <p class="actions">
        {!plan.idle && <button type="button" class="primary" disabled={working} onClick={send}>Send: add {count(plan.adds)}{plan.removes > 0 && `, remove ${count(plan.removes)}`}</button>}
        <button type="button" onClick={cancel}>{plan.idle ? "Close" : "Cancel"}</button>
        {!plan.idle && <span class="quiet">It goes to {plan.server}.</span>}
      </p>
    </div>
  );
}

function Report({ report }) {
  return (
    <div class="plan" role="status">
      <h3 class={report.failures.count ? "amber" : "good"}>{report.failures.count ? "Sent in part" : "Sent"}</h3>
      <p>{count(report.added)} added, {count(report.already)} there already{report.removed > 0 && `, ${count(report.removed)} removed`}, {count(report.failures.count)} failed.</p>
      <ul class="list">
        {report.targets.map((target) => (
          <li key={`${target.kind} ${target.where}`}><span>{target.created ? "Created" : "Found"} {target.kind} <strong>{target.title}</strong> <span class="quiet">{target.where && `in ${target.where}`}</span></span><code class="quiet">{target.uuid}</code></li>
        ))}
      </ul>
      {report.failures.count > 0 && <Reasons title={`${plural(report.failures.count, "member")} failed`} rows={report.failures.first} />}
    </div>
  );
}

function Reasons({ title, rows }) {
  return (
    <details class="part">
      <summary>{title}</summary>
      <ul class="list">{rows.map((row, n) => <li key={n}><code>{row.data_hash}</code><span class="quiet">{row.reason}</span></li>)}</ul>
    </details>
  );
}
