import { count, plural } from "./telling.js";

/** What would be done; `does` is what the button says that does it. */
export function Plan({ plan, does, act, close, working }) {
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
export function Report({ report, title }) {
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
