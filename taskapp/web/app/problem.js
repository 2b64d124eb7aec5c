// Errors of the service: RFC 9457 problem details.

// Problems after which the same request may succeed.
const TRANSIENT = new Set(["unreachable", "unavailable", "contention", "outcome_unknown", "idempotency_in_flight",
  "busy"]);

export class Problem extends Error {
  constructor({ status, code, detail, errors = [], retryAfter = null, ...members }) {
    super(detail);
    Object.assign(this, { status, code, errors, retryAfter, members });
  }

  // What is wrong with each member of the body, by the member's name; "" is the body as a whole.
  byMember() {
    const found = new Map();
    for (const { pointer = "", detail } of this.errors) {
      const name = pointer.split("/")[1] ?? "";
      found.set(name, [found.get(name), detail].filter(Boolean).join(" "));
    }
    return found;
  }
}

export async function problemOf(response) {
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  const known = (response.headers.get("Content-Type") ?? "").startsWith("application/problem+json");
  const body = known ? await response.json().catch(() => null) : null;
  // A proxy in front of the service answers in its own words.
  return new Problem({ code: response.status === 503 || response.status === 502 ? "unavailable" : "unknown",
    detail: `The service answered ${response.status}.`, ...body, status: response.status, retryAfter });
}

export function isTransient(error) {
  return error instanceof Problem && TRANSIENT.has(error.code);
}

// How long to wait before the next attempt, in milliseconds.
export function delayOf(problem, tried) {
  return problem.retryAfter ? problem.retryAfter * 1000 : 300 * 2 ** (tried - 1);
}

export function messageOf(error) {
  if (!(error instanceof Problem)) throw error;
  return error.message;
}
