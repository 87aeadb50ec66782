import { useCallback, useEffect, useState } from "preact/hooks";
import { addressOf, get } from "./api.js";
import { useBack } from "./asked.js";

const AT_ONCE = 16;
const SKELETON_MS = 150;
const NONE = { asked: null, about: null, facets: [], older: [], error: null };

/**
 * Ask for the facets of some keys, some at once and the next when those are there: who has two hundred keys need not
 * wait for the last one to see the first. As with `useAsked`, what is asked no more is given up and never drawn.
 *
 * The facets of before stay in their places until their successors are there, so that focus and scroll bar stay, too;
 * those from `known` on are old, and `slow` says that their numbers are not to be shown any more.
 */
export function useFacets(view, keys, parameters, when) {
  const [round, setRound] = useState(0);
  const listed = keys.join(",");
  const about = `${view.relation} ${listed}`;
  const wanted = keys.length > 0 ? `${round} ${addressOf("", { ...view, ...parameters, keys: listed })}` : null;
  const asked = when ? wanted : null;
  const [answer, setAnswer] = useState(NONE);
  const [slowFor, setSlowFor] = useState(null);
  useEffect(() => {
    const slow = setTimeout(() => setSlowFor(wanted), SKELETON_MS);
    return () => clearTimeout(slow);
  }, [wanted]);
  useEffect(() => {
    if (asked === null) return undefined;
    const controller = new AbortController();
    const take = (facets, error) => setAnswer((before) => ({ asked, about, facets, older: error ? [] : olderOf(before, asked, about), error }));
    const ask = async () => {
      const facets = [];
      try {
        for (let from = 0; from < keys.length; from += AT_ONCE) {
          const some = keys.slice(from, from + AT_ONCE).join(",");
          facets.push(...(await get("/api/facets", { ...view, ...parameters, keys: some }, controller.signal)).facets);
          if (controller.signal.aborted) return;
          take([...facets], null);
        }
      } catch (error) {
        if (!controller.signal.aborted && error.name !== "AbortError") take(facets, error);
      }
    };
    ask();
    return () => controller.abort();
  }, [asked]);
  const fresh = wanted !== null && answer.asked === wanted;
  const slow = slowFor === wanted;
  const again = useCallback(() => setRound((n) => n + 1), []);
  useBack(fresh ? answer.error : null, again);
  return {
    facets: fresh || answer.about === about || !slow ? everyOf(answer) : [],
    known: fresh ? answer.facets.length : 0,
    slow,
    error: fresh ? answer.error : null,
    whole: fresh && (answer.facets.length >= keys.length || answer.error !== null),
    again,
  };
}

const everyOf = ({ facets, older }) => [...facets, ...older.slice(facets.length)];

function olderOf(before, asked, about) {
  if (before.asked === asked) return before.older;
  return before.about === about ? everyOf(before) : [];
}
