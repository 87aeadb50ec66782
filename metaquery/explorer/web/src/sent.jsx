import { Planned, usePlan } from "./plan.jsx";
import { count, moment, plural } from "./telling.js";

const SHOWN = 20;

/** What was sent, newest first; each can be taken back, after its plan was seen. `titled` says of which Collection. */
export function Sent({ pushes, state, again, titled = false }) {
  const at = usePlan(again);
  if (pushes.length === 0) return null;
  const busy = at.working || at.running?.state === "running";
  const show = (push) => {
    at.clear();
    at.ask(`/api/pushes/${encodeURIComponent(push.id)}/plan-undo`);
  };
  const more = pushes.length - SHOWN;
  return (
    <section class="block sent" aria-label="What was sent">
      <h2>What was sent</h2>
      <div class="table-scroll">
        <table class="plain">
          <thead><tr><th scope="col">When (UTC)</th>{titled && <th scope="col">Collection</th>}<th scope="col">To</th><th scope="col" class="align-right">Added</th><th scope="col" class="align-right">Removed</th><th scope="col" class="align-right">Failed</th><th scope="col">State</th><th scope="col"><span class="hidden">Take it back</span></th></tr></thead>
          <tbody>
            {pushes.slice(0, SHOWN).map((push) => (
              <tr key={push.id}>
                <td title={push.id}>{moment(push.at)}</td>
                {titled && <td>{push.title}</td>}
                <td>{push.places.join(", ")}</td>
                <td class="align-right">{count(push.added)}</td>
                <td class="align-right">{count(push.removed)}</td>
                <td class={push.failed > 0 ? "align-right amber" : "align-right"}>{count(push.failed)}</td>
                <td class={push.state === "interrupted" ? "amber" : "quiet"}>{push.undoes ? `took back ${push.undoes}` : push.state}</td>
                <td>{undoable(push, state) && <button type="button" class="link" disabled={busy} aria-label={`Undo what was sent ${moment(push.at)} …`} onClick={() => show(push)}>Undo …</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && <p class="quiet">and {plural(more, "earlier one")}: metaquery push log</p>}
      <Planned at={at} title="Taken back"
        does={(plan) => `Undo: remove ${count(plan.removes)}${plan.adds > 0 ? `, put back ${count(plan.adds)}` : ""}`} />
    </section>
  );
}

function undoable(push, state) {
  return !state.read_only && state.server !== null && push.undoes === null && push.state !== "undone";
}
