/**
 * Who may import whom. Each folder of src/ is closed but for the folders in its row, so a new folder needs a row first.
 *
 *   kernel <- contracts <- { registry rules security control optimization guarantees proofs } <- orchestrator
 *   kernel <- storage    { kernel contracts } <- log    orchestrator, log <- gateway <- server <- cli
 *   storage <- log's drivers, server
 *   orchestrator <- replay
 *   contracts (types only) <- verifier  contracts, rules (syntax only) <- prover
 *   contracts, verifier <- sdk          log/tlog, proofs <- witness
 *   contracts (types only), verifier <- auditor          cli may use everything
 *
 * Arrows are transitive: what may import contracts may import kernel. The verifier is the exception, it gets types only.
 */
const steps = ['registry', 'rules', 'security', 'control', 'optimization', 'guarantees', 'proofs'];
const base = ['kernel', 'contracts'];
const core = [...base, ...steps, 'orchestrator'];

/** folder -> the folders of ours that it may import, itself apart. `rules/syntax` names one subfolder or file. */
const mayImport = {
  kernel: [],
  contracts: ['kernel'],
  ...Object.fromEntries(steps.map((folder) => [folder, base])),
  orchestrator: [...base, ...steps],
  storage: ['kernel'],
  log: [...base, 'storage'],
  witness: [...base, 'log/tlog', 'proofs'],
  gateway: [...core, 'log'],
  replay: core,
  server: [...core, 'storage', 'log', 'gateway'],
  verifier: ['contracts'],
  auditor: ['contracts', 'verifier'],
  prover: [...base, 'rules/syntax'],
  sdk: [...base, 'verifier'],
  cli: [
    ...core,
    'storage',
    'log',
    'gateway',
    'server',
    'verifier',
    'auditor',
    'prover',
    'replay',
    'sdk',
    'witness',
  ],
};

/** Folders without clock, randomness, network or disk: no Node built-in, but for hashing where it is listed. */
const pure = [
  'contracts',
  ...steps.filter((folder) => folder !== 'proofs'),
  'orchestrator',
  'replay',
  'verifier',
  'auditor',
  'prover',
  'witness',
];
const hashingOnly = ['kernel', 'proofs'];
const folders = (names) => `^src/(${names.join('|')})/`;

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([folder, allowed]) => ({
      name: `imports-of-${folder}`,
      severity: 'error',
      comment: `src/${folder} may import ${allowed.length === 0 ? 'nothing else of ours' : allowed.join(', ')}.`,
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})(/|\\.ts$)` },
    })),
    {
      name: 'folder-without-a-row',
      severity: 'error',
      comment: 'Every folder of src/ has a row in mayImport.',
      from: { path: '^src/[^/]+/', pathNot: folders(Object.keys(mayImport)) },
      to: {},
    },
    {
      name: 'verifier-takes-types-only',
      severity: 'error',
      comment: 'The verifier and the auditor share types and nothing executable with the engine.',
      from: { path: '^src/(verifier|auditor)/' },
      to: { path: '^src/contracts/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-built-ins-in-pure-folders',
      severity: 'error',
      comment:
        'Clock, randomness, network and disk appear only in storage, log drivers, gateway, server, sdk and cli.',
      from: { path: folders(pure) },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the-log-reaches-the-disk-through-its-drivers',
      severity: 'error',
      comment: 'Of the log, only the drivers know the folders and threads of src/storage.',
      from: { path: '^src/log/(?!drivers/)' },
      to: { path: '^src/storage/' },
    },
    {
      name: 'only-hashing-from-built-ins',
      severity: 'error',
      comment: 'kernel, proofs and the log outside its drivers may use node:crypto and no other built-in.',
      from: { path: [folders(hashingOnly), '^src/log/(?!drivers/)'] },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'no-network-packages-in-pure-folders',
      severity: 'error',
      comment: 'A package that opens sockets is a door to the world as much as a built-in is.',
      from: { path: [folders([...pure, ...hashingOnly]), '^src/log/(?!drivers/)'] },
      to: { path: 'node_modules/(fastify|@fastify|undici|commander|prom-client|pg)/' },
    },
    {
      name: 'kernel-has-no-dependencies',
      severity: 'error',
      comment: 'The kernel is what everything else rests on; it rests on the language alone.',
      from: { path: '^src/kernel/' },
      to: { path: 'node_modules/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'src-uses-declared-packages',
      severity: 'error',
      comment: 'What ships may import runtime dependencies only.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      comment: 'Source never imports tests, examples, benches or notebooks.',
      from: { path: '^src/' },
      to: { path: '^(tests|examples|bench|notebooks|scripts|tools)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
