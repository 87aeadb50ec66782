import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { addressOf, get } from "./api.js";

const SKELETON_MS = 150;

/** An event of the window: the server answers again. */
export const BACK = "metaquery-back";

/** Whether nobody has answered, or somebody who does not know this page (any more). */
export const isLost = (error) => error?.status === 0 || error?.status === 401;

/** Ask again, where nobody has answered, as soon as somebody does. */
export function useBack(error, again) {
  const lost = isLost(error);
  useEffect(() => {
    if (!lost) return undefined;
    addEventListener(BACK, again);
    return () => removeEventListener(BACK, again);
  }, [lost, again]);
}

/**
 * Ask the server while a component shows the answer.
 *
 * A newer question aborts the older one, which the server then stops in its engine. An answer is handed on only while
 * it is the answer to what is asked now. `slow` becomes true when the wait is long enough to be shown.
 */
export function useAsked(path, parameters, { when = true, delay = 0 } = {}) {
  const [round, setRound] = useState(0);
  const asked = when ? `${round} ${addressOf(path, parameters)}` : null;
  const [answer, setAnswer] = useState({ asked: null, value: undefined, error: null });
  const [slowFor, setSlowFor] = useState(null);
  useLayoutEffect(() => {  // before anything is drawn: the answer is on its way meanwhile
    if (asked === null) return undefined;
    const controller = new AbortController();
    const take = (found) => controller.signal.aborted || setAnswer({ asked, value: undefined, error: null, ...found });
    const ask = () => get(path, parameters, controller.signal).then(
      (value) => take({ value }),
      (error) => error.name === "AbortError" || take({ error }),
    );
    const later = delay > 0 ? setTimeout(ask, delay) : ask();
    const slow = setTimeout(() => setSlowFor(asked), delay + SKELETON_MS);
    return () => {
      if (delay > 0) clearTimeout(later);
      clearTimeout(slow);
      controller.abort();
    };
  }, [asked]);
  const fresh = asked !== null && answer.asked === asked;
  const again = useCallback(() => setRound((n) => n + 1), []);
  useBack(fresh ? answer.error : null, again);
  return {
    value: fresh ? answer.value : undefined,
    error: fresh ? answer.error : null,
    before: answer.value,
    pending: asked !== null && !fresh,
    slow: !fresh && slowFor === asked,
    again,
  };
}

/** Return a function whose newest version is called, however old the one that was handed out. */
export function useLatest(action) {
  const latest = useRef(action);
  latest.current = action;
  return useCallback((...given) => latest.current(...given), []);
}
