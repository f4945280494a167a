import type { Contract } from '../contracts/contract.js';
import type { Protocol } from './protocol.js';
import { caio } from './protocols/caio/caio.js';
import { http } from './protocols/http/http.js';
import { openai } from './protocols/openai/openai.js';

/** Every protocol that a contract may name. */
export const protocols: { readonly [P in Contract['api']['protocol']]: Protocol } = { caio, http, openai };
