// The service: problems as exceptions, every write with an Idempotency-Key, and sent again when no answer came.

import { delayOf, isTransient, Problem, problemOf } from "./problem.js";
import * as session from "./session.js";

// Where the service's routes begin: this file is at <root>app/app/api.js.
export const ROOT = new URL("../../", import.meta.url);
const ATTEMPTS = 4;
// Keys of writes whose outcome is not known: the same write gets the same key, so that it is done once.
const unsettled = new Map();
let tell = () => {};

export function watchNetwork(listener) {
  tell = listener;
}

export async function read(path, { signal, headers } = {}) {
  const response = await persist(() => send(path, { signal, headers }), signal);
  return { value: await response.json(), next: response.headers.get("Next-Cursor") };
}

export async function write(method, path, { body, version, type = "application/json" } = {}) {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const same = JSON.stringify([method, path, content, version]);
  const headers = { "Idempotency-Key": unsettled.get(same) ?? newKey() };
  unsettled.set(same, headers["Idempotency-Key"]);
  if (content !== undefined) headers["Content-Type"] = type;
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  try {
    const response = await persist(() => send(path, { method, headers, body: content }));
    unsettled.delete(same);
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (!isTransient(error)) unsettled.delete(same);
    throw error;
  }
}

// A token that has ended is answered by a login, and the request is sent again. What belongs to a login is not.
async function send(path, options) {
  const sent = session.token();
  const response = await sendOnce(path, options);
  if (response.status !== 401 || path === "tokens/" || options.headers?.Authorization) return checked(response);
  await session.renew(sent);
  return checked(await sendOnce(path, options));
}

async function checked(response) {
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function sendOnce(path, options) {
  try {
    const headers = { ...options.headers, ...session.headers() };
    return await fetch(new URL(path, ROOT), { cache: "no-store", ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ status: 0, code: "unreachable", detail: "The service cannot be reached." });
  }
}

async function persist(attempt, signal) {
  for (let tried = 1; ; tried += 1) {
    try {
      const response = await attempt();
      tell("");
      return response;
    } catch (error) {
      if (!isTransient(error) || tried === ATTEMPTS) {
        tell("");
        throw error;
      }
      tell("The service is not responding. Retrying …");
      await new Promise((resolve) => { setTimeout(resolve, delayOf(error, tried)); });
      signal?.throwIfAborted();
    }
  }
}

// crypto.randomUUID is there on https and localhost only.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
