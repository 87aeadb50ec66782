// Asking the server. What it answers is drawn; nothing is worked out here.

export class Refusal extends Error {
  constructor(status, told) {
    super(told.message);
    this.status = status;
    this.kind = told.kind;
    this.hint = told.hint;
    this.told = told;
  }
}

export function query(parameters) {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return new URLSearchParams(pairs).toString();
}

export function addressOf(path, parameters = {}) {
  const asked = query(parameters);
  return asked ? `${path}?${asked}` : path;
}

export function get(path, parameters, signal) {
  return answered(addressOf(path, parameters), { signal });
}

export function post(path, body = {}, signal) {
  return answered(path, {
    method: "POST",
    signal,
    headers: { "Content-Type": "application/json", "X-Metaquery": "1" },
    body: JSON.stringify(body),
  });
}

async function answered(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, {
      kind: "gone",
      message: "the Explorer does not answer any more",
      hint: "start it again with metaquery explore, and open the address that it prints",
    });
  }
  const told = await response.json().catch(() => null);
  if (response.ok && told !== null) return told;
  throw new Refusal(response.status, told?.error ?? { kind: "bug", message: `the server answered ${response.status}`, hint: null });
}
