// The routes of tasks.

import { read, write } from "./api.js";

const MERGE = "application/merge-patch+json";

export function list({ tab, sort, trash }, cursor, signal) {
  const asked = new URLSearchParams({ sort, limit: 50 });
  tab.statuses.forEach((status) => asked.append("status", status));
  if (trash) asked.set("trash", "true");
  if (cursor) asked.set("cursor", cursor);
  return read(`tasks/?${asked}`, { signal });
}

export const get = async (id) => (await read(`tasks/${id}`)).value;
export const create = (body) => write("POST", "tasks/", { body });
export const change = ({ task_id: id, version }, body) => write("PATCH", `tasks/${id}`, { body, version, type: MERGE });
export const remove = ({ task_id: id, version }) => write("DELETE", `tasks/${id}`, { version });
export const removeForGood = ({ task_id: id, version }) => write("DELETE", `tasks/${id}?permanent=true`, { version });
export const restore = (id, version) => write("POST", `tasks/${id}/restore`, { version });
export const undo = ({ task_id: id, version }) => write("POST", `tasks/${id}/undo`, { version });
export const history = (id, cursor) =>
  read(`tasks/${id}/history?${new URLSearchParams({ limit: 20, ...(cursor && { cursor }) })}`);
