// Who uses the page: a token, if the service wants one, kept in this browser until the person logs out.

const KEY = "taskapp-token";
let renewal = null;
let ask = () => Promise.reject(new Error("nobody asks"));

// asker: gives a promise of a new token, after a person logged in.
export function askWith(asker) {
  ask = asker;
}

export function headers() {
  const token = localStorage.getItem(KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

export function known() {
  return localStorage.getItem(KEY) !== null;
}

export function forget() {
  localStorage.removeItem(KEY);
}

// Requests that are refused at the same time wait for one login.
export function renew() {
  forget();
  renewal ??= ask().then((token) => { localStorage.setItem(KEY, token); }).finally(() => { renewal = null; });
  return renewal;
}
