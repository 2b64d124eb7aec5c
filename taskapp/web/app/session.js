// Who uses the page: a token, if the service wants one, kept in this browser until the person logs out.

const KEY = "taskapp-token";
let renewal = null;
let ask = () => Promise.reject(new Error("nobody asks"));

// asker: gives a promise of a new token, after a person logged in.
export function askWith(asker) {
  ask = asker;
}

export function token() {
  return localStorage.getItem(KEY);
}

export function headers() {
  return token() ? { Authorization: `Bearer ${token()}` } : {};
}

export function known() {
  return token() !== null;
}

export function forget() {
  localStorage.removeItem(KEY);
}

// Requests that are refused at the same time wait for one login. Where somebody has logged in since one was sent, in
// another tab, it is sent again with that token.
export function renew(sent) {
  if (known() && token() !== sent) return Promise.resolve();
  forget();
  renewal ??= ask().then((given) => { localStorage.setItem(KEY, given); }).finally(() => { renewal = null; });
  return renewal;
}
