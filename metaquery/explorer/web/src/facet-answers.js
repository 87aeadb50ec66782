import { useCallback, useEffect, useState } from "preact/hooks";
import { addressOf, get } from "./api.js";

const AT_ONCE = 16;
const SKELETON_MS = 150;

/**
 * Ask for the facets of some keys, some at once and the next when those are there: who has two hundred keys need not
 * wait for the last one to see the first. As with `useAsked`, what is asked no more is given up and never drawn; the
 * facets of before stay until the wait is long enough to be shown.
 */
export function useFacets(view, keys, parameters, when) {
  const [round, setRound] = useState(0);
  const asked = when && keys.length > 0 ? `${round} ${addressOf("", { ...view, ...parameters, keys: keys.join(",") })}` : null;
  const [answer, setAnswer] = useState({ asked: null, facets: [], error: null });
  const [slowFor, setSlowFor] = useState(null);
  useEffect(() => {
    if (asked === null) return undefined;
    const controller = new AbortController();
    const slow = setTimeout(() => setSlowFor(asked), SKELETON_MS);
    const ask = async () => {
      const facets = [];
      try {
        for (let from = 0; from < keys.length; from += AT_ONCE) {
          const some = keys.slice(from, from + AT_ONCE).join(",");
          facets.push(...(await get("/api/facets", { ...view, ...parameters, keys: some }, controller.signal)).facets);
          if (controller.signal.aborted) return;
          setAnswer({ asked, facets: [...facets], error: null });
        }
      } catch (error) {
        if (!controller.signal.aborted && error.name !== "AbortError") setAnswer({ asked, facets, error });
      }
    };
    ask();
    return () => {
      clearTimeout(slow);
      controller.abort();
    };
  }, [asked]);
  const fresh = asked !== null && answer.asked === asked;
  const stays = !fresh && slowFor !== asked;
  return {
    facets: fresh || stays ? answer.facets : [],
    error: fresh ? answer.error : null,
    whole: fresh && (answer.facets.length >= keys.length || answer.error !== null),
    again: useCallback(() => setRound((n) => n + 1), []),
  };
}
