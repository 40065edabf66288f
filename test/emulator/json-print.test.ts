// Bodies as the traffic pages print them: the same JSON, in fewer lines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printJson } from '../../src/emulator/pages/json-print.ts';

test('what is printed is the same JSON, and no list or object stands on a line it is too long for', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const printed = printJson(value);
      // As JSON.stringify has it: -0 is 0 there too.
      assert.deepEqual(JSON.parse(printed), JSON.parse(JSON.stringify(value)));
      for (const line of printed.split('\n').filter((one) => one.length > 88))
        assert.match(line, /^ *("(\\.|[^"\\])*": )*("(\\.|[^"\\])*"|[-+.\deE]+|[[{]),?$/);
    }),
  );
});

test('an event of a webhook is a line a field, and what is short stays on its line', () => {
  const batch = { inputs: [{ id: '14016', properties: { hs_pipeline_stage: '2' } }], note: 'x'.repeat(60) };
  assert.equal(
    printJson(batch),
    `{\n  "inputs": [{ "id": "14016", "properties": { "hs_pipeline_stage": "2" } }],\n  "note": "${'x'.repeat(60)}"\n}`,
  );
  assert.equal(printJson({ a: [], b: {}, c: null }), '{ "a": [], "b": {}, "c": null }');
});
