/** The process of `startDelayingProxyProcess`: tells its address, then serves until its parent lets go. */
import { DelayingProxy, type DelayingProxyOptions } from './delaying-proxy.ts';

const proxy = new DelayingProxy(JSON.parse(process.argv[2] ?? '{}') as DelayingProxyOptions);
process.once('disconnect', () => void proxy.stop().then(() => process.exit(0)));
process.send?.(await proxy.start());
