// What a row's buttons do; each tells the list what came of it, and offers to take it back.

import { messageOf, Problem } from "./problem.js";
import * as tasks from "./tasks.js";
import { toast } from "./toast.js";
import { named } from "./words.js";

export function complete(task, list) {
  const status = task.status === "completed" ? "pending" : "completed";
  return attempt(list, task.task_id, async () => {
    const now = await tasks.change(task, { status });
    offerUndo(`${named(task)} is ${status === "completed" ? "done" : "open again"}.`, task, now, list);
    list.changed(now);
  });
}

export function remove(task, list) {
  return attempt(list, task.task_id, async () => {
    await tasks.remove(task);
    list.gone(task.task_id);
    toast(`${named(task)} was moved to the trash.`, { label: "Undo", run: () => bringBack(task, list) });
  });
}

export function removeForGood(task, list) {
  return attempt(list, task.task_id, async () => {
    await tasks.removeForGood(task);
    list.gone(task.task_id);
    toast(`${named(task)} was deleted for good.`);
  });
}

export function restore(task, list) {
  return attempt(list, task.task_id, async () => {
    await tasks.restore(task.task_id, task.version);
    list.gone(task.task_id);
    toast(`${named(task)} is back among the tasks.`);
  });
}

export function offerUndo(text, before, now, list) {
  if (now.version === before.version) return;
  const back = async () => list.changed(await tasks.undo(now));
  toast(text, { label: "Undo", run: () => attempt(list, now.task_id, back) });
}

function bringBack(task, list) {
  return attempt(list, task.task_id, async () => list.back(await tasks.restore(task.task_id)));
}

// Tells whether it went well. Who was overtaken sees the newer task, and may do it again knowingly.
async function attempt(list, id, action) {
  try {
    await action();
    return true;
  } catch (error) {
    const overtaken = error instanceof Problem && error.code === "version_conflict";
    toast(overtaken ? "Somebody else changed this task meanwhile; look at it, and try again." : messageOf(error));
    if (overtaken) await refresh(list, id);
    else if (error.status === 404) list.gone(id);
    return false;
  }
}

async function refresh(list, id) {
  try {
    list.changed(await tasks.get(id));
  } catch (error) {
    if (error.status === 404) list.gone(id);
    else toast(messageOf(error));
  }
}
