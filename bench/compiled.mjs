// `--import` this behind tsx: what a bench imports from src/ is then the compiled module of dist/, as users run it. Build first.
import { register } from 'node:module';

const source = new URL('../src/', import.meta.url).href;
const compiled = new URL('../dist/', import.meta.url).href;

const hooks = `
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context);
    if (!found.url.startsWith(${JSON.stringify(source)})) return found;
    const path = found.url.slice(${source.length}).replace(/\\.ts(\\?.*)?$/, '.js');
    return { ...found, url: ${JSON.stringify(compiled)} + path, format: 'module' };
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
