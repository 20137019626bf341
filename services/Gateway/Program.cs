using A2A.Micro.Gateway;
using A2A.Micro.ServiceDefaults;

await MicroHost.Run(args, new GatewayModule()).ConfigureAwait(false);
