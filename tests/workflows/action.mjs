// An action as a workflow, because actionlint reads only those: the inputs become inputs of a
// called workflow, and the steps those of its job.

// Returns the text of the workflow, and how far its steps are below those of the action.
export function asWorkflow(text) {
  const section = (name) => {
    const start = text.indexOf(`\n${name}:\n`) + 1;
    const end = /\n(?=\S)/.exec(text.slice(start));
    return { start, body: text.slice(start, end ? start + end.index : undefined) };
  };
  const steps = section("runs").body.split("\n  steps:\n")[1];
  const at = text.indexOf(steps);
  const inputs = section("inputs").body.replace(/^ {2}[a-z]+:$/gm, "$&\n    type: string");
  const indented = (lines, by) => lines.replace(/^(?=.)/gm, " ".repeat(by));
  const head = `on:\n  workflow_call:\n${indented(inputs, 4)}\n`
    + "permissions: {}\njobs:\n  action:\n    runs-on: ubuntu-24.04\n    steps:\n";
  const lines = (it) => it.split("\n").length;
  return { text: head + indented(steps, 2), below: lines(head) - lines(text.slice(0, at)) };
}
