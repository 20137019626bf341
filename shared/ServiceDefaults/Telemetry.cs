namespace A2A.Micro.ServiceDefaults;

/// <summary>Names of what this project emits.</summary>
public static class Telemetry
{
    /// <summary>Spans that continue a trace over the bus.</summary>
    public const string MessagingSource = "A2A.Messaging";
}
