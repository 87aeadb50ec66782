// Pictures of data units, asked for only where the user wants them. A browser has six connections to a host, and what is
// filtered must not wait for pictures: three are loaded at once, and those that were passed by are given up.
import { useEffect, useState } from "preact/hooks";
import { addressOf, get } from "./api.js";

const AT_ONCE = 3;
const KEPT = 400;
const loaded = new Map();
const waiting = new Set();
let running = 0;

/** Where pictures come from: files of this machine where it has some, else Encord; null where there are none. */
export function pictureSource(state, snapshot) {
  if (!state.pictures?.local && !state.pictures?.server) return null;
  const from = state.pictures.local ? "local" : "server";
  return { from, snapshot, address: (hash) => addressOf(`/api/units/${encodeURIComponent(hash)}/picture`, { from }) };
}

export function usePicture(address) {
  const [found, setFound] = useState({ address: null, url: null, failed: false });
  useEffect(() => {
    if (!address) return undefined;
    if (loaded.has(address)) {
      setFound({ address, url: loaded.get(address), failed: false });
      return undefined;
    }
    const wish = { address, controller: new AbortController(), done: (url) => setFound({ address, url, failed: url === null }) };
    waiting.add(wish);
    next();
    return () => {
      waiting.delete(wish);
      wish.controller.abort();
    };
  }, [address]);
  return found.address === address ? found : { url: null, failed: false };
}

async function next() {
  if (running >= AT_ONCE || waiting.size === 0) return;
  const [wish] = waiting;
  waiting.delete(wish);
  running += 1;
  try {
    const response = await fetch(wish.address, { signal: wish.controller.signal });
    if (response.ok) keep(wish.address, URL.createObjectURL(await response.blob()));
    if (!wish.controller.signal.aborted) wish.done(response.ok ? loaded.get(wish.address) : null);
  } catch (error) {
    if (error.name !== "AbortError") wish.done(null);
  }
  running -= 1;
  next();
}

function keep(address, url) {
  loaded.set(address, url);
  if (loaded.size <= KEPT) return;
  const [oldest, old] = loaded.entries().next().value;
  loaded.delete(oldest);
  URL.revokeObjectURL(old);
}

const BOXES_REST_MS = 120;

/** The boxes of the units that are seen, by data hash; those that are known are not asked for again. */
export function useBoxes(hashes, snapshot, when) {
  const [known, setKnown] = useState({ snapshot, boxes: {} });
  const mine = known.snapshot === snapshot ? known.boxes : {};
  const missing = when ? [...new Set(hashes)].filter((hash) => !(hash in mine)).slice(0, 500) : [];
  const asked = missing.join(",");
  useEffect(() => {
    if (!asked) return undefined;
    const controller = new AbortController();
    const rest = setTimeout(() => {
      get("/api/boxes", { units: asked, snapshot }, controller.signal).then(
        ({ boxes }) => setKnown((before) => ({ snapshot, boxes: { ...(before.snapshot === snapshot ? before.boxes : {}), ...boxes } })),
        () => {},  // pictures are shown without boxes then
      );
    }, BOXES_REST_MS);
    return () => {
      clearTimeout(rest);
      controller.abort();
    };
  }, [asked, snapshot]);
  return mine;
}
