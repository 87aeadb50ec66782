import { useState } from "preact/hooks";
import { Planned, usePlan } from "./plan.jsx";
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
  const at = usePlan(again);
  if (collection.kind === "tag") return null;
  const why = state.read_only ? "This Explorer is read-only." : state.server === null ? "The workspace is not connected: metaquery connect" : null;
  const show = (event) => {
    event.preventDefault();
    const body = Object.fromEntries(Object.entries({ to, ...given }).filter(([name, value]) => value && wanted(to).includes(name)));
    at.ask(`/api/collections/${encodeURIComponent(collection.id)}/plan`, body);
  };
  const field = (name, label, extra = {}) => (
    <label>{label}<input value={given[name] ?? ""} autocomplete="off" {...extra} onInput={(event) => { at.drop(); setGiven({ ...given, [name]: event.target.value }); }} /></label>
  );
  return (
    <section class="block send">
      <h2>Send to Annotate</h2>
      {why && <p class="quiet">{why}</p>}
      {!why && at.running?.state !== "running" && (
        <form class="send-form" onSubmit={show}>
          <fieldset class="choices">
            <legend>It becomes</legend>
            {TO.map(([name, label, says]) => (
              <label key={name} class="check"><input type="radio" name="to" checked={to === name} onChange={() => { setTo(name); at.drop(); }} /> <span>{label} <span class="quiet">{says}</span></span></label>
            ))}
          </fieldset>
          <div class="line-form">
            {to === "project-collection" && field("project", "Project (title or hash)", { required: true, list: "projects" })}
            {(to === "dataset" || to === "project") && field("title", "Title of the new one", { placeholder: collection.title })}
            {(to === "dataset" || to === "project") && field("description", "Description")}
            {to === "project" && field("like", "With the ontology of the project", { list: "projects" })}
            <Projects state={state} />
            <button type="submit" disabled={at.working}>Show what would be done</button>
          </div>
        </form>
      )}
      <Planned at={at} title="Sent"
        does={(plan) => `Send: add ${count(plan.adds)}${plan.removes > 0 ? `, remove ${count(plan.removes)}` : ""}`} />
    </section>
  );
}

function wanted(to) {
  return { collection: ["to"], "project-collection": ["to", "project"], dataset: ["to", "title", "description"], project: ["to", "title", "description", "like"] }[to];
}
