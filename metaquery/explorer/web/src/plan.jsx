import { useState } from "preact/hooks";
import { post } from "./api.js";
import { Failure } from "./failure.jsx";
import { useJob, Progress } from "./job.jsx";
import { count, plural } from "./telling.js";

/** What is planned first and done when it was seen; `ended` is called once it is done. */
export function usePlan(ended) {
  const [plan, setPlan] = useState(null);
  const [job, setJob] = useState(null);
  const [error, setError] = useState(null);
  const [working, setWorking] = useState(false);
  const running = useJob(job, ended);
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
  return {
    plan, error, working, running,
    drop: () => setPlan(null),
    /** Forget what was done before, too. */
    clear: () => { setPlan(null); setJob(null); },
    ask: (address, body) => attempt(async () => setPlan(await post(address, body))),
    act: () => attempt(async () => {
      const begun = await post(`/api/plans/${encodeURIComponent(plan.plan)}/apply`);
      setPlan(null);
      setJob(begun.id);
    }),
  };
}

/** What `usePlan` is at: its plan, how far it is, what came of it. `does` says of a plan what the button does. */
export function Planned({ at, does, title }) {
  const { plan, error, working, running, drop, act } = at;
  return (
    <>
      {error && <Failure error={error} />}
      {plan && <Plan plan={plan} does={does(plan)} act={act} close={drop} working={working} />}
      {running?.state === "running" && <Progress job={running} />}
      {running?.state === "failed" && <Failure error={running.error} />}
      {running?.state === "done" && <Report report={running.result} title={title} />}
    </>
  );
}

/** What would be done; `does` is what the button says that does it. */
function Plan({ plan, does, act, close, working }) {
  return (
    <div class="plan" role="region" aria-label="The plan">
      <h3>{plan.idle ? "Nothing is to be done" : "This would be done"}</h3>
      <ul class="plan-lines">{plan.lines.map((line, n) => <li key={n}>{line}</li>)}</ul>
      {plan.left_out.count > 0 && <Reasons title={`${plural(plan.left_out.count, "member")} would be left out`} rows={plan.left_out.first} />}
      {plan.undoes && plan.targets.some((target) => target.kind === "dataset" && target.remove > 0) && (
        <p class="amber">Data units that go from a dataset take the labels along that were made on them since.</p>
      )}
      <p class="actions">
        {!plan.idle && <button type="button" class="primary" disabled={working} onClick={act}>{does}</button>}
        <button type="button" onClick={close}>{plan.idle ? "Close" : "Cancel"}</button>
        {!plan.idle && <span class="quiet">{plan.undoes ? `It is done at ${plan.server}.` : `It goes to ${plan.server}.`}</span>}
      </p>
    </div>
  );
}

/** What became of it, in all and in each place. */
function Report({ report, title }) {
  return (
    <div class="plan" role="status">
      <h3 class={report.failures.count ? "amber" : "good"}>{report.failures.count ? `${title} in part` : title}</h3>
      <p>{count(report.added)} added, {count(report.already)} there already{report.removed > 0 && `, ${count(report.removed)} removed`}, {count(report.failures.count)} failed.</p>
      <ul class="list">
        {report.targets.map((target) => (
          <li key={`${target.kind} ${target.where}`}><span>{target.deleted ? "Deleted" : target.created ? "Created" : "Found"} {target.kind} <strong>{target.title}</strong> <span class="quiet">{target.where && `in ${target.where}`}</span></span><code class="quiet">{target.uuid}</code></li>
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
