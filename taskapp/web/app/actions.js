// What a row's buttons do; each tells the list what came of it, and offers to take it back.

import { ask } from "./dialog.js";
import { messageOf, Problem } from "./problem.js";
import { save } from "./save.js";
import * as tasks from "./tasks.js";
import { toast } from "./toast.js";
import { named } from "./words.js";

export function complete(task, list) {
  const status = task.status === "completed" ? "pending" : "completed";
  return attempt(list, task.task_id, async () => {
    const result = await save(task, { status }, task);
    if (!result) {
      await refresh(list, task.task_id);
      return;
    }
    const text = `${named(task)} is ${result.now.status === "completed" ? "done" : "open again"}.`;
    if (result.stored) offerUndo(text, result.now, list);
    list.changed(result.now);
  });
}

export function remove(task, list) {
  return attempt(list, task.task_id, async () => {
    await tasks.remove(task);
    list.gone(task.task_id);
    toast(`${named(task)} was moved to the trash.`, { label: "Undo", run: () => bringBack(task, list) });
  });
}

export async function removeForGood(task, list) {
  const sure = await ask({ title: `Delete ${named(task)} for good?`,
    text: "The task and its history will be gone. This cannot be undone.", yes: "Delete for good" });
  return sure && attempt(list, task.task_id, async () => {
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

export function offerUndo(text, now, list) {
  const back = async () => list.changed(await tasks.undo(now));
  toast(text, { label: "Undo", run: () => attempt(list, now.task_id, back) });
}

function bringBack(task, list) {
  return attempt(list, task.task_id, async () => {
    if (!list.back(await tasks.restore(task.task_id))) toast(`${named(task)} is back; it is not among the tasks shown.`);
  });
}

// Tells whether it went well. Who was overtaken sees the newer task, and may do it again knowingly.
async function attempt(list, id, action) {
  try {
    await action();
    return true;
  } catch (error) {
    const overtaken = error instanceof Problem && error.code === "version_conflict";
    toast(overtaken ? "Someone else has changed this task in the meantime. Check it and try again." : messageOf(error));
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
