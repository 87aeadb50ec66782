import { Popover } from "./menu.jsx";
import { age, ago, count, moment, plural } from "./telling.js";

/** What became of every row, in words. */
export function CountLine({ tally, pending, relation, snapshot }) {
  const fields = Object.keys(tally?.unknown_fields ?? {});
  return (
    <div class="count-line" role="status" aria-busy={!tally}>
      {!tally || pending ? <span class="skeleton-line count-waiting" /> : (
        <>
          <strong class="count-matched">{count(tally.matched)}</strong> match
          {tally.unknown > 0 && (
            <>
              {" · "}
              <Popover kind="link" label={<>{count(tally.unknown)} unknown{fields.length > 0 && ` (no value of ${fields.slice(0, 2).join(", ")}${fields.length > 2 ? ", …" : ""})`}</>}>
                {() => <div class="remarks">{tally.remarks.map((remark) => <p key={remark}>{remark}</p>)}</div>}
              </Popover>
            </>
          )}
          {" · "}<span class="quiet">of {plural(tally.total, relation.singular)}</span>
          <span class="quiet count-snapshot" title={snapshot.id}>{" · "}snapshot {moment(snapshot.created_at)} UTC, {ago(age(snapshot))} ago</span>
        </>
      )}
    </div>
  );
}
