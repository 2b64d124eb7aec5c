// Who uses the page: a token, if the service wants one, kept in this browser until the person logs out.

const KEY = "taskapp-token";
const USER = "taskapp-user";
let shown = localStorage.getItem(USER);
let renewal = null;
let ask = () => Promise.reject(new Error("nobody asks"));

// asker: gives a promise of a new token and its user's id, after a person logged in.
export function askWith(asker) {
  ask = asker;
}

export function token() {
  return localStorage.getItem(KEY);
}

// The id of the user whose page this is; null before the first login, and where the service wants none.
export function user() {
  return shown;
}

export function headers() {
  return token() ? { Authorization: `Bearer ${token()}` } : {};
}

export function known() {
  return token() !== null;
}

export function forget() {
  localStorage.removeItem(KEY);
  localStorage.removeItem(USER);
}

// What one user's page shows and is about to send is nothing to another user, who gets a page of their own.
function use({ token: given, user: id }) {
  localStorage.setItem(KEY, given);
  localStorage.setItem(USER, id);
  const another = shown !== null && shown !== id;
  shown = id;
  return another ? startAnew() : undefined;
}

function startAnew() {
  location.reload();
  return new Promise(() => {});
}

window.addEventListener("storage", ({ key, newValue }) => {
  if (key === USER && newValue !== null && shown !== null && newValue !== shown) startAnew();
});

// Requests that are refused at the same time wait for one login. Where somebody has logged in since one was sent, in
// another tab, it is sent again with that token.
export function renew(sent) {
  if (known() && token() !== sent) return Promise.resolve();
  localStorage.removeItem(KEY);
  renewal ??= ask().then(use).finally(() => { renewal = null; });
  return renewal;
}
