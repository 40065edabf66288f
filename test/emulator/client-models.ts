// Holds JSON answers against the models of the official client: names, types, enumerations, what is required.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Json } from './rig.ts';

type Attribute = { name: string; baseName: string; type: string };
type Model = { attributes: Attribute[]; required: Set<string>; enums: Record<string, unknown> };

const require = createRequire(import.meta.url);
const models = new Map<string, Model>();

/** Where the client generates the model: `crm/tickets`, `oauth`, ... Types come from the code, `?` from the declarations. */
function readModel(area: string, name: string): Model {
  const path = require.resolve(`@hubspot/api-client/lib/codegen/${area}/models/${name}.js`);
  const known = models.get(path);
  if (known) return known;
  const code = require(path);
  const declared = readFileSync(path.replace(/\.js$/, '.d.ts'), 'utf8');
  const required = [...declared.matchAll(/^ {4}'(\w+)': /gm)].map((match) => match[1] ?? '');
  const model = { attributes: code[name].attributeTypeMap, required: new Set(required), enums: code };
  models.set(path, model);
  return model;
}

export type Found = { wrong: string[]; extra: Set<string> };

function checkPlain(value: Json, type: string, where: string, found: Found): boolean {
  const fits: Record<string, (given: Json) => boolean> = {
    any: () => true,
    string: (given) => typeof given === 'string',
    number: (given) => typeof given === 'number',
    boolean: (given) => typeof given === 'boolean',
    Date: (given) => typeof given === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(given),
  };
  const fit = fits[type];
  if (fit && !fit(value)) found.wrong.push(`${where} is ${JSON.stringify(value)}, no ${type}`);
  return fit !== undefined;
}

function checkValue(value: Json, type: string, area: string, where: string, found: Found): void {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (type.endsWith(' | null')) {
    if (value !== null) checkValue(value, type.slice(0, -' | null'.length), area, where, found);
  } else if (list) {
    if (!Array.isArray(value)) found.wrong.push(`${where} is no list`);
    else for (const [index, one] of value.entries()) checkValue(one, list, area, `${where}[${index}]`, found);
  } else if (map) {
    if (typeof value !== 'object' || value === null) found.wrong.push(`${where} is no object`);
    else for (const [key, one] of Object.entries(value)) checkValue(one, map, area, `${where}.${key}`, found);
  } else if (!checkPlain(value, type, where, found)) {
    if (type.endsWith('Enum')) checkEnum(value, type, where, found, readEnum(area, type));
    else checkModel(value, { area, name: type }, found, where);
  }
}

/** The enumeration is generated beside the model whose name begins its own. */
function readEnum(area: string, type: string): unknown[] {
  for (let end = type.length - 1; end > 3; end -= 1) {
    const name = type.slice(0, end);
    if (!/^[A-Z]/.test(type[end] ?? '')) continue;
    try {
      const values = readModel(area, name).enums[type];
      if (values) return Object.values(values);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`no enumeration ${type} in ${area}`);
}

function checkEnum(value: Json, type: string, where: string, found: Found, values: unknown[]): void {
  if (!values.includes(value)) found.wrong.push(`${where} is ${JSON.stringify(value)}, none of ${type}`);
}

/** Adds to `found` what is missing or of the wrong type, and the names the model does not have. */
export function checkModel(value: Json, model: { area: string; name: string }, found: Found, where = ''): void {
  const at = where || model.name;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    found.wrong.push(`${at} is no object`);
    return;
  }
  const { attributes, required } = readModel(model.area, model.name);
  for (const { name, baseName, type } of attributes) {
    const given = value[baseName];
    if (given === undefined) {
      if (required.has(name)) found.wrong.push(`${at}.${baseName} is missing`);
    } else if (given !== null || required.has(name)) checkValue(given, type, model.area, `${at}.${baseName}`, found);
  }
  for (const name of Object.keys(value))
    if (!attributes.some(({ baseName }) => baseName === name)) found.extra.add(`${model.name}.${name}`);
}
