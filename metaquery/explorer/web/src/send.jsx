import { useState } from "preact/hooks";
import { post } from "./api.js";
import { useJob, Progress } from "./job.jsx";
import { Failure } from "./failure.jsx";
import { Plan, Report } from "./plan.jsx";
import { Projects } from "./sync-page.jsx";
import { count } from "./telling.js";

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
      {plan && (
        <Plan plan={plan} does={`Send: add ${count(plan.adds)}${plan.removes > 0 ? `, remove ${count(plan.removes)}` : ""}`}
          act={send} close={() => setPlan(null)} working={working} />
      )}
      {running?.state === "running" && <Progress job={running} />}
      {running?.state === "failed" && <Failure error={running.error} />}
      {running?.state === "done" && <Report report={running.result} title="Sent" />}
    </section>
  );
}

function wanted(to) {
  return { collection: ["to"], "project-collection": ["to", "project"], dataset: ["to", "title", "description"], project: ["to", "title", "description", "like"] }[to];
}
