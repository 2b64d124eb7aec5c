// Times: RFC 3339 in UTC for the service, the person's own time zone on the page.

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const NEAR = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

// The value of an <input type="datetime-local">.
export function toLocal(time) {
  if (!time) return "";
  const at = new Date(time);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

export function fromLocal(text) {
  return text ? new Date(text).toISOString() : null;
}

export const full = (time) => FULL.format(new Date(time));
export const isPast = (time) => new Date(time) < new Date();

// "today 14:00", "12 Jan 14:00".
export function short(time) {
  const at = new Date(time);
  const now = new Date();
  const days = Math.round((midnight(at) - midnight(now)) / 86_400_000);
  const date = at.getFullYear() === now.getFullYear() ? DAY : DAY_OF_YEAR;
  return `${Math.abs(days) <= 1 ? NEAR.format(days, "day") : date.format(at)} ${CLOCK.format(at)}`;
}

function midnight(at) {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate());
}
