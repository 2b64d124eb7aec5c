// Saving a change to a task, whatever others change meanwhile.

import { choose } from "./conflict.js";
import { merge } from "./merge.js";
import { Problem } from "./problem.js";
import * as tasks from "./tasks.js";

// base, mine: as in merge.js; current: the task as it was last seen. Gives the task as it is now, and whether a change
// was stored; null if both changed the same field and the person does not decide.
export async function save(base, mine, current) {
  let [from, wanted, now] = [base, mine, current];
  for (;;) {
    const { patch, conflicts } = merge(from, wanted, now);
    if (conflicts.length > 0) {
      wanted = await choose(conflicts, from, wanted, now);
      if (wanted === null) return null;
      // They have seen these values of the others, and are asked again only about newer ones.
      from = { ...from, ...Object.fromEntries(conflicts.map((name) => [name, now[name]])) };
    } else if (Object.keys(patch).length === 0) {
      return { now, stored: false };
    } else {
      const changed = await send(now, patch);
      if (changed) return { now: changed, stored: changed.version !== now.version };
      now = await tasks.get(now.task_id);
    }
  }
}

// Null if somebody else was faster.
async function send(task, patch) {
  try {
    return await tasks.change(task, patch);
  } catch (error) {
    if (error instanceof Problem && error.code === "version_conflict") return null;
    throw error;
  }
}
