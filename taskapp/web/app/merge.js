// Three-way merge of a task: what somebody wants, on top of what others made of it meanwhile. Nothing here but values.

const SETS = new Set(["labels", "assignees"]);

// base: the task as the person found it; mine: the fields as the person wants them; theirs: the task as it is now.
// Gives the patch to send on top of theirs, and the names of fields that both changed, to different values.
export function merge(base, mine, theirs) {
  const patch = {};
  const conflicts = [];
  for (const [name, wanted] of Object.entries(mine)) {
    if (SETS.has(name)) {
      const change = setChange(base[name], wanted, theirs[name]);
      if (change.add.length || change.remove.length) patch[name] = change;
    } else if (!same(wanted, base[name]) && !same(wanted, theirs[name])) {
      if (same(base[name], theirs[name])) patch[name] = wanted;
      else conflicts.push(name);
    }
  }
  return { patch, conflicts };
}

// Sets always merge: whoever adds or removes a value adds or removes that one only.
function setChange(base, mine, theirs) {
  return {
    add: mine.filter((each) => !base.includes(each) && !theirs.includes(each)),
    remove: base.filter((each) => !mine.includes(each) && theirs.includes(each)),
  };
}

export function same(one, other) {
  const plain = (value) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value ?? null);
  return plain(one) === plain(other);
}
