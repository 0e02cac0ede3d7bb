/** The entry `consolidated-db/bench`: what a bench of your own queries is made of. `cdb bench` runs it. */
export {
  type Bench,
  type BenchCall,
  type BenchCase,
  type BenchCheck,
  type BenchContender,
  type BenchOptions,
  type BenchWay,
  defineBench,
} from './define-bench.ts';
