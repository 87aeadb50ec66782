// What is shown where an answer could not be had.
import { useErrorBoundary } from "preact/hooks";

/** What it holds, or, where that cannot be drawn, that the page has a fault: never half a page. */
export function Guarded({ children }) {
  const [error, again] = useErrorBoundary();
  if (!error) return children;
  return <main class="alone"><h1>metaquery</h1><Failure error={{ message: "this page has a fault of its own", hint: `${error.message}: go back, or reload it` }} again={again} /></main>;
}

export function Failure({ error, again, actions }) {
  return (
    <div class="notice notice-bad" role="alert">
      <p><strong>{error.message}</strong></p>
      {error.hint && <p class="quiet">{error.hint}</p>}
      {error.told?.crash && <p class="quiet">Details: <code>{error.told.crash}</code></p>}
      <p class="actions">
        {again && <button type="button" onClick={again}>Try again</button>}
        {actions}
      </p>
    </div>
  );
}

export function Skeleton({ lines = 3, label = "Loading" }) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, n) => <span key={n} class="skeleton-line" />)}
    </div>
  );
}
