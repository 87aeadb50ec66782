import { useEffect, useState } from "preact/hooks";
import { get } from "./api.js";
import { count } from "./telling.js";

const POLL_MS = 500;

/** Follow something that takes longer than a request; `ended` is called once, with how it ended. */
export function useJob(id, ended) {
  const [job, setJob] = useState(null);
  useEffect(() => {
    setJob(null);
    if (!id) return undefined;
    const controller = new AbortController();
    let timer;
    const ask = async () => {
      try {
        const found = await get(`/api/jobs/${encodeURIComponent(id)}`, {}, controller.signal);
        setJob(found);
        if (found.state === "running") timer = setTimeout(ask, POLL_MS);
        else ended?.(found);
      } catch (error) {
        if (error.name !== "AbortError") setJob({ id, state: "failed", error: { message: error.message, hint: error.hint } });
      }
    };
    ask();
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [id]);
  return job;
}

/** How far it is; `stop` is called where it can be stopped, and somebody wants to. */
export function Progress({ job, stop = null }) {
  const [told, setTold] = useState(false);
  const known = job.total !== null && job.total > 0;
  const stopping = told || job.stopping;
  const ask = async () => {
    setTold(true);
    setTold(await stop());
  };
  return (
    <div class="progress" role="status">
      <p>{stopping ? "Stopping" : job.stage || "Beginning"}{known && <span class="quiet"> · {count(job.done)} of {count(job.total)}</span>}</p>
      <progress max={known ? job.total : undefined} value={known ? job.done : undefined} aria-label={job.stage || job.kind} />
      {stop && job.asked && <p class="actions"><button type="button" disabled={stopping} onClick={ask}>Stop the {job.kind}</button><span class="quiet">What it has read stays, for the next to go on with.</span></p>}
    </div>
  );
}
