import { useState } from "preact/hooks";
import { post } from "./api.js";
import { useAsked } from "./asked.js";
import { Failure, Skeleton } from "./failure.jsx";
import { useJob, Progress } from "./job.jsx";
import { count, plural } from "./telling.js";

/** The schema: how the values of each key fit, and a schema that they fit better. */
export function SchemaPage({ go, state, look }) {
  const asked = useAsked("/api/schema", {});
  const shown = asked.value ?? asked.before;
  return (
    <main class="page">
      <h1>Schema</h1>
      {asked.error && <Failure error={asked.error} again={asked.again} />}
      {!shown && asked.slow && <Skeleton lines={8} label="Reading the schema" />}
      {shown && (
        <>
          <p class="lead">{plural(shown.keys.length, "key")} over {count(shown.rows)} data units.{shown.known === null && " The organisation has no metadata schema: types are inferred."}{shown.not_objects > 0 && ` ${count(shown.not_objects)} have client metadata that is no object.`}</p>
          {!shown.applied && shown.known !== null && <p class="notice">The schema has changed since these values were typed: type them anew below, or sync.</p>}
          <div class="table-scroll">
            <table class="plain">
              <thead><tr><th scope="col">Key</th><th scope="col">Type</th><th scope="col">Fill</th><th scope="col" class="align-right">Valid</th><th scope="col" class="align-right">Missing</th><th scope="col" class="align-right">Invalid</th><th scope="col">For example</th></tr></thead>
              <tbody>
                {shown.keys.map((key) => (
                  <tr key={key.name}>
                    <th scope="row">{key.name}</th>
                    <td>{key.type.toLowerCase()}{key.inferred && <span class="quiet"> inferred</span>}</td>
                    <td><Fill {...key} /></td>
                    <td class="align-right">{count(key.valid)}</td>
                    <td class="align-right quiet">{count(key.missing)}</td>
                    <td class={`align-right ${key.invalid ? "amber" : "quiet"}`}>{count(key.invalid)}</td>
                    <td class="example">{key.remark ? <span class={key.in_doubt ? "amber" : "quiet"}>{key.remark}</span> : key.example && key.invalid > 0 ? <code>{key.example}</code> : ""}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Proposal state={state} done={() => { asked.again(); look(); go({ snapshot: "" }); }} />
        </>
      )}
    </main>
  );
}

function Fill({ valid, missing, invalid }) {
  const all = Math.max(1, valid + missing + invalid);
  return (
    <span class="fill" aria-hidden="true">
      <span class="fill-valid" style={{ width: `${(valid / all) * 100}%` }} />
      <span class="fill-invalid" style={{ width: `${(invalid / all) * 100}%` }} />
    </span>
  );
}

const form = (type) => (type === null || type === undefined ? "–" : typeof type === "string" ? type : [type.hint ?? type.ty, type.values && `of ${type.values.join(", ")}`, type.size && `of ${type.size} numbers`].filter(Boolean).join(" "));

function Proposal({ state, done }) {
  const [wanted, setWanted] = useState(false);
  const asked = useAsked("/api/schema/proposal", {}, { when: wanted });
  const [job, setJob] = useState(null);
  const [error, setError] = useState(null);
  const running = useJob(job, (ended) => ended.state === "done" && done());
  const changes = asked.value?.corrections.filter((each) => each.changes) ?? [];
  const apply = async () => {
    setError(null);
    try {
      await post("/api/schema/keep", { schema: asked.value.schema });
      setJob((await post("/api/rematerialise")).id);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="block">
      <h2>Corrections</h2>
      {!wanted && <p class="actions"><button type="button" onClick={() => setWanted(true)}>Propose a schema that the values fit</button><span class="quiet">Every value is looked at; this may take some seconds.</span></p>}
      {wanted && asked.slow && <Skeleton lines={4} label="Looking at every value" />}
      {asked.error && <Failure error={asked.error} again={asked.again} />}
      {asked.value && changes.length === 0 && <p>Every key has the type that its values fit best.</p>}
      {changes.length > 0 && (
        <>
          <div class="table-scroll">
            <table class="plain">
              <thead><tr><th scope="col">Key</th><th scope="col">Now</th><th scope="col">Proposed</th><th scope="col">Because of</th></tr></thead>
              <tbody>{changes.map((each) => <tr key={each.key}><th scope="row">{each.key}</th><td class="quiet">{form(each.now)}</td><td>{form(each.proposed)}</td><td class="quiet">{each.looks.join("; ")}{each.remark && ` · ${each.remark}`}</td></tr>)}</tbody>
            </table>
          </div>
          {running?.state !== "running" && !state.read_only && <p class="actions"><button type="button" class="primary" onClick={apply}>Use it here, and type values anew</button><span class="quiet">For this workspace alone; the organisation's is set by metaquery schema set.</span></p>}
        </>
      )}
      {running?.state === "running" && <Progress job={running} />}
      {(error || running?.error) && <Failure error={error ?? running.error} />}
    </section>
  );
}
