using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync;

await MicroHost.Run(args, new StateSyncModule());
