using System.Text.Json.Serialization;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Bench.Json;

/// <summary>What the compiler generates for a few messages, to be compared with what is made at run time.</summary>
[JsonSerializable(typeof(OfferTask))]
[JsonSerializable(typeof(TaskTransitioned))]
[JsonSerializable(typeof(TaskResult))]
[JsonSerializable(typeof(AllocateResources))]
internal sealed partial class GeneratedJson : JsonSerializerContext;
