import { Link } from "./address.jsx";
import { useAsked } from "./asked.js";
import { Failure, Skeleton } from "./failure.jsx";
import { count, moment, plural } from "./telling.js";

/** Snapshots that are kept, and what two of them differ by. */
export function SnapshotsPage({ place, go, state }) {
  const asked = useAsked("/api/snapshots", {});
  const all = asked.value?.snapshots ?? [];
  const [before, after] = [place.left, place.right];
  return (
    <main class="page">
      <h1>Snapshots</h1>
      {asked.error && <Failure error={asked.error} again={asked.again} />}
      {!asked.value && asked.slow && <Skeleton lines={6} label="Reading snapshots" />}
      {asked.value && all.length === 0 && <p class="quiet">None yet: sync first.</p>}
      {all.length > 0 && (
        <div class="table-scroll">
          <table class="plain">
            <thead><tr><th scope="col">Published (UTC)</th><th scope="col" class="align-right">Data</th><th scope="col" class="align-right">Labels</th><th scope="col" class="align-right">Predictions</th><th scope="col">Changed</th><th scope="col">Show</th><th scope="col">Compare</th></tr></thead>
            <tbody>{all.map((each) => <Snapshot key={each.id} snapshot={each} place={place} go={go} shown={state.snapshot?.id} />)}</tbody>
          </table>
        </div>
      )}
      {all.length > 1 && !(before && after) && <p class="quiet">Choose a first and a second one to see what they differ by.</p>}
      {before && after && <Difference before={before} after={after} place={place} go={go} />}
    </main>
  );
}

function Snapshot({ snapshot, place, go, shown }) {
  if (snapshot.trouble) return <tr><td>{snapshot.id}</td><td colSpan="6" class="bad">{snapshot.trouble}</td></tr>;
  const changes = snapshot.changes;
  const side = (name, word) => (
    <label class="check"><input type="radio" name={name} checked={place[name] === snapshot.id} onChange={() => go({ [name]: snapshot.id })} /> {word}</label>
  );
  return (
    <tr>
      <td title={snapshot.id}>{moment(snapshot.created_at)}{snapshot.current && <span class="tag">newest</span>}</td>
      <td class="align-right">{count(snapshot.data)}</td>
      <td class="align-right">{count(snapshot.labels)}</td>
      <td class="align-right">{count(snapshot.predictions)}</td>
      <td class="quiet">{changes ? `+${count(changes.added)} ~${count(changes.changed)} −${count(changes.removed)}` : ""}{snapshot.schema_changed && " · schema"}</td>
      <td>{snapshot.id === shown ? <span class="good">shown</span> : <Link to={{ page: "rows", relation: "data", snapshot: snapshot.id, id: "" }} from={{ ...place, left: "", right: "" }} go={go}>Show</Link>}</td>
      <td><span class="sides">{side("left", "first")}{side("right", "second")}</span></td>
    </tr>
  );
}

function Difference({ before, after, place, go }) {
  const asked = useAsked("/api/diff", { before, after });
  const found = asked.value;
  return (
    <section class="block" aria-busy={asked.pending}>
      <h2>What they differ by</h2>
      {asked.error && <Failure error={asked.error} />}
      {!found && asked.slow && <Skeleton lines={5} label="Comparing" />}
      {found && (
        <>
          <p role="status">{plural(found.added, "data unit")} added, {count(found.removed)} removed, {count(found.changed)} changed{found.described > 0 && `, ${count(found.described)} described otherwise`}.</p>
          {found.fields.length > 0 && (
            <ul class="tags" aria-label="Fields that changed">{found.fields.map((each) => <li key={`${each.qualifier} ${each.field}`} class="tag">{each.field}: {count(each.changed)} changed{each.retyped && ", typed anew"}</li>)}</ul>
          )}
          <ul class="list">
            {found.units.map((unit) => (
              <li key={unit.data_hash}>
                <Link to={{ page: "rows", relation: "data", id: "", unit: unit.data_hash, snapshot: unit.change === "removed" ? before : after }} from={{ ...place, left: "", right: "" }} go={go}>{unit.title ?? unit.data_hash}</Link>
                <span class="quiet">{unit.change}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
