import { useState } from "preact/hooks";
import { Link } from "./address.jsx";
import { post } from "./api.js";
import { useAsked } from "./asked.js";
import { Failure, Skeleton } from "./failure.jsx";
import { SendForm } from "./send.jsx";
import { Sent } from "./sent.jsx";
import { count, moment, plural } from "./telling.js";

/** One Collection: members, where it came from, what changed since, and sending it. */
export function CollectionPage({ place, go, state, tell }) {
  const path = `/api/collections/${encodeURIComponent(place.id)}`;
  const asked = useAsked(path, {});
  const sent = useAsked("/api/pushes", {});
  const pushes = (sent.value ?? sent.before)?.pushes ?? [];
  const again = () => {
    asked.again();
    sent.again();
  };
  const shown = asked.value ?? asked.before;
  const act = async (what, body) => {
    try {
      await post(`${path}/${what}`, body);
      if (what === "delete") go({ page: "collections", id: "" });
      else asked.again();
      return true;
    } catch (error) {
      tell(error);
      return false;
    }
  };
  if (asked.error) return <main class="page"><Failure error={asked.error} again={asked.again} actions={<Link to={{ page: "collections", id: "" }} from={place} go={go}>All Collections</Link>} /></main>;
  if (!shown) return <main class="page">{asked.slow && <Skeleton lines={6} label="Reading the Collection" />}</main>;
  const source = shown.provenance;
  return (
    <main class="page">
      <p><Link to={{ page: "collections", id: "" }} from={place} go={go}>All Collections</Link></p>
      <h1>{shown.title} <span class="tag">{shown.kind}</span></h1>
      {shown.description && <p class="lead">{shown.description}</p>}
      <p>
        <strong>{count(shown.members)}</strong> {shown.relation === "data" ? "data units" : shown.relation}{" · "}
        <Link to={{ page: "rows", relation: shown.relation, id: "", filter: shown.filter, search: "", order: "", columns: "", at: "" }} from={{ ...place, id: "" }} go={go}>Show them</Link>
        {shown.kind !== "tag" && <span class={shown.sent?.state === "sent" ? "good" : "quiet"}>{" · "}{shown.sent?.state ?? "not connected"}</span>}
      </p>
      {shown.trouble && <p class="notice notice-bad">{shown.trouble}</p>}
      <SendForm collection={shown} state={state} again={again} />
      <Sent pushes={pushes.filter((each) => each.collection === shown.id)} state={state} again={again} />
      <div class="columns-two">
        <section class="block">
          <h2>Where it came from</h2>
          <dl class="values">
            {source.filter && <div><dt>filter</dt><dd><code>{source.filter}</code></dd></div>}
            {source.algebra && <div><dt>combination</dt><dd><code>{source.algebra}</code></dd></div>}
            <div><dt>created</dt><dd>{moment(shown.created_at)} UTC{source.author && ` by ${source.author}`}</dd></div>
            {source.snapshot && <div><dt>snapshot</dt><dd>{source.snapshot}</dd></div>}
            {source.matched !== null && source.matched !== undefined && <div><dt>matched then</dt><dd>{count(source.matched)}, {count(source.unknown ?? 0)} unknown</dd></div>}
          </dl>
          {shown.changes.length > 0 && (
            <ul class="list">{shown.changes.map((each, n) => <li key={n}><span>{each.what}{each.members !== undefined && ` ${count(each.members)}`}</span><span class="quiet">{moment(each.at)} UTC</span></li>)}</ul>
          )}
        </section>
        <div class="stack">
          <Drift path={path} collection={shown} />
          <Compare collection={shown} />
        </div>
      </div>
      {!state.read_only && shown.kind !== "tag" && <Edit collection={shown} act={act} />}
    </main>
  );
}

function Drift({ path, collection }) {
  const [wanted, setWanted] = useState(false);
  const asked = useAsked(`${path}/drift`, {}, { when: wanted });
  if (collection.kind !== "static" || !collection.definition) return null;
  const found = asked.value;
  return (
    <section class="block">
      <h2>What its filter would find now</h2>
      {!wanted && <button type="button" onClick={() => setWanted(true)}>Compare with the newest snapshot</button>}
      {wanted && !found && asked.slow && <Skeleton lines={3} />}
      {asked.error && <p class="quiet">{asked.error.message}</p>}
      {found && (
        <dl class="values" role="status">
          <div><dt>still match</dt><dd>{count(found.still)}</dd></div>
          <div><dt>would be added</dt><dd>{count(found.added.count)}</dd></div>
          <div><dt>match no more</dt><dd>{count(found.gone.count)}</dd></div>
          <div><dt>not there any more</dt><dd>{count(found.vanished.count)}</dd></div>
        </dl>
      )}
    </section>
  );
}

function Compare({ collection }) {
  const listed = useAsked("/api/collections", {});
  const [other, setOther] = useState("");
  const asked = useAsked("/api/collections/compare", { a: collection.id, b: other }, { when: other !== "" });
  const others = (listed.value?.collections ?? []).filter((each) => each.id !== collection.id && each.relation === collection.relation);
  if (others.length === 0) return null;
  const found = asked.value;
  return (
    <section class="block">
      <h2>Against another Collection</h2>
      <label><span class="hidden">Compare with</span>
        <select value={other} onChange={(event) => setOther(event.target.value)}>
          <option value="" disabled>Compare with …</option>
          {others.map((each) => <option key={each.id} value={each.id}>{each.title}</option>)}
        </select>
      </label>
      {asked.error && <p class="quiet">{asked.error.message}</p>}
      {found && (
        <dl class="values" role="status">
          <div><dt>in both</dt><dd>{count(found.both.count)}</dd></div>
          <div><dt>only in {collection.title}</dt><dd>{count(found.only_a.count)}</dd></div>
          <div><dt>only in the other</dt><dd>{count(found.only_b.count)}</dd></div>
        </dl>
      )}
    </section>
  );
}

function Edit({ collection, act }) {
  const [title, setTitle] = useState(collection.title);
  const [description, setDescription] = useState(collection.description);
  const [sure, setSure] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (title !== collection.title && !(await act("rename", { title }))) return;
    if (description !== collection.description) await act("describe", { description });
  };
  const changed = title !== collection.title || description !== collection.description;
  return (
    <section class="block">
      <h2>Change it</h2>
      <form class="line-form" onSubmit={submit}>
        <label>Title <input required value={title} onInput={(event) => setTitle(event.target.value)} /></label>
        <label class="grow">Description <input value={description} onInput={(event) => setDescription(event.target.value)} /></label>
        <button type="submit" disabled={!changed}>Save</button>
      </form>
      <p class="actions">
        {collection.kind === "live" && <button type="button" onClick={() => act("freeze", {})}>Freeze: keep the {plural(collection.members, "member")} of now</button>}
        {sure
          ? <><span>Delete {collection.title}? It can be restored for 30 days.</span><button type="button" class="danger" onClick={() => act("delete", {})}>Delete</button><button type="button" onClick={() => setSure(false)}>Keep</button></>
          : <button type="button" class="danger" onClick={() => setSure(true)}>Delete …</button>}
      </p>
    </section>
  );
}
