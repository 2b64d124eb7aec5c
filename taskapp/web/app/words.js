// Values of a task in words, for people.

import * as dates from "./dates.js";
import { PRIORITIES, STATUSES } from "./fields.js";

// A task's title as a short notice has it.
export function named({ title }) {
  const letters = [...title];
  return `“${letters.length > 60 ? `${letters.slice(0, 59).join("")}…` : title}”`;
}

export function inWords(name, value) {
  if (value === null || value === undefined || value === "") return "nothing";
  if (name === "status") return STATUSES.find(([status]) => status === value)?.[1] ?? value;
  if (name === "priority") return PRIORITIES[value] ?? String(value);
  if (name.endsWith("_at") || name === "due_date") return dates.full(value);
  if (Array.isArray(value)) return value.join(", ") || "none";
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([key, each]) => `${key}: ${each}`).join(", ") || "nothing";
}
