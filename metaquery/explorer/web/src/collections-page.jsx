import { useState } from "preact/hooks";
import { Link } from "./address.jsx";
import { post } from "./api.js";
import { useAsked } from "./asked.js";
import { CollectionPage } from "./collection-page.jsx";
import { Failure, Skeleton } from "./failure.jsx";
import { Sent } from "./sent.jsx";
import { count, moment } from "./telling.js";

/** Every Collection; new ones by set algebra; what was deleted. */
export function CollectionsPage({ place, go, state, tell }) {
  const asked = useAsked("/api/collections", {});
  const sent = useAsked("/api/pushes", {}, { when: !place.id });
  if (place.id) return <CollectionPage key={place.id} place={place} go={go} state={state} tell={tell} />;
  const all = [...(asked.value?.collections ?? [])].reverse();
  return (
    <main class="page">
      <h1>Collections</h1>
      {asked.error && <Failure error={asked.error} again={asked.again} />}
      {!asked.value && asked.slow && <Skeleton lines={6} label="Reading Collections" />}
      {asked.value && all.length === 0 && (
        <div class="empty">
          <h2>There is no Collection yet</h2>
          <p class="quiet">Filter the data, select rows, and add them to a Collection: it then shows here, and can be sent to Annotate.</p>
          <p><Link to={{ page: "rows", relation: "data", id: "" }} from={place} go={go}>To the data</Link></p>
        </div>
      )}
      {all.length > 0 && (
        <div class="table-scroll">
          <table class="plain">
            <thead><tr><th scope="col">Title</th><th scope="col">Kind</th><th scope="col">Of</th><th scope="col" class="align-right">Members</th><th scope="col">Created (UTC)</th><th scope="col">Sent</th></tr></thead>
            <tbody>
              {all.map((each) => (
                <tr key={each.id}>
                  <td><Link to={{ page: "collections", id: each.id }} from={place} go={go}>{each.title}</Link>{each.description && <span class="quiet under">{each.description}</span>}</td>
                  <td>{each.kind}</td>
                  <td>{each.relation}</td>
                  <td class="align-right">{each.trouble ? <span class="bad" title={each.trouble}>?</span> : count(each.members)}</td>
                  <td>{moment(each.created_at)}</td>
                  <td class={each.sent?.state === "sent" ? "good" : "quiet"}>{each.sent?.state ?? "not connected"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {all.length > 0 && !state.read_only && <Algebra titles={all.map((each) => each.title)} done={asked.again} tell={tell} go={go} />}
      <Sent pushes={(sent.value ?? sent.before)?.pushes ?? []} state={state} again={() => { asked.again(); sent.again(); }} titled />
      <Deleted done={asked.again} tell={tell} readOnly={state.read_only} />
    </main>
  );
}

function Algebra({ titles, done, tell, go }) {
  const [text, setText] = useState("");
  const [title, setTitle] = useState("");
  const [error, setError] = useState(null);
  const quoted = (each) => `'${each.replaceAll("'", "''")}'`;
  const example = titles.length > 1 ? `${quoted(titles[0])} and not ${quoted(titles[1])}` : `${quoted(titles[0])} or '…'`;
  const submit = async (event) => {
    event.preventDefault();
    setError(null);
    try {
      const made = await post("/api/collections", { title, rows: { algebra: text } });
      setText("");
      setTitle("");
      done();
      tell({ message: `${made.title}: ${count(made.members)} members`, action: { label: "Open the Collection", act: () => go({ page: "collections", id: made.id }) } });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="block">
      <h2>Combine Collections</h2>
      <form class="line-form" onSubmit={submit}>
        <label class="grow">Titles with and, or, not
          <input class="mono" required value={text} placeholder={example} spellcheck={false} autocomplete="off" onInput={(event) => setText(event.target.value)} />
        </label>
        <label>Title of the new one
          <input required value={title} autocomplete="off" onInput={(event) => setTitle(event.target.value)} />
        </label>
        <button type="submit">Create</button>
      </form>
      {error && <div role="alert"><p class="bad">{error.message}</p>{error.told?.picture && <pre class="picture-text">{error.told.picture}</pre>}{error.hint && <p class="quiet">{error.hint}</p>}</div>}
    </section>
  );
}

function Deleted({ done, tell, readOnly }) {
  const asked = useAsked("/api/collections/deleted", {});
  const gone = asked.value?.collections ?? [];
  if (gone.length === 0) return null;
  const restore = async (each) => {
    try {
      await post(`/api/collections/${encodeURIComponent(each.id)}/restore`);
      asked.again();
      done();
    } catch (error) {
      tell(error);
    }
  };
  return (
    <section class="block">
      <h2>Deleted</h2>
      <ul class="list">
        {gone.map((each) => (
          <li key={each.id}><span>{each.title} <span class="quiet">{count(each.members)} members</span></span>{!readOnly && <button type="button" class="link" onClick={() => restore(each)}>Restore</button>}</li>
        ))}
      </ul>
    </section>
  );
}
