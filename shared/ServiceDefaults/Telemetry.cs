using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Traces and metrics of a host. Registered before everything else, so it starts first and flushes last. With
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> it exports; without, it still keeps an <see cref="Activity"/> current everywhere, so that trace
/// ids are in logs, headers and stored documents and the sampling decision of the caller travels on.
/// </summary>
public sealed class Telemetry(IConfiguration configuration, IHostEnvironment environment, TelemetryName name)
    : IHostedService, IDisposable
{
    /// <summary>Spans that continue a trace over the bus.</summary>
    public const string MessagingSource = "A2A.Messaging";

    private const int FlushMilliseconds = 5000;

    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "A2A.*"];

    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.*", "System.Net.Http", "System.Runtime", "Npgsql", "MassTransit", "A2A.*",
    ];

    private readonly Meter _meter = new("A2A.Host");
    private ActivityListener? _listener;
    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <summary>The product's version, with the commit behind a plus when the build knew it.</summary>
    public static string Version { get; } =
        typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var parts = Version.Split('+', 2);
        _ = _meter.CreateObservableGauge("a2a.build_info", () => new Measurement<int>(
            1, new("version", parts[0]), new("commit", parts.ElementAtOrDefault(1) ?? "")), description: "The running version.");
        _listener = new ActivityListener
        {
            ShouldListenTo = static source =>
                source.Name is "Microsoft.AspNetCore" or "MassTransit" || source.Name.StartsWith("A2A.", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.PropagationData,
        };
        var export = !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
            && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        if (export) { Export(); }
        ActivitySource.AddActivityListener(_listener);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ = _traces?.ForceFlush(FlushMilliseconds);
        _ = _metrics?.ForceFlush(FlushMilliseconds);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _listener?.Dispose();
        _traces?.Dispose();
        _metrics?.Dispose();
        _meter.Dispose();
    }

    private void Export()
    {
        // The SDK reads protocol, headers, sampler and resource attributes (OTEL_*) from the configuration that it is given.
        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .ConfigureResource(Describe)
            .AddSource(Sources)
            .AddOtlpExporter()
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .ConfigureResource(Describe)
            .AddMeter(Meters)
            .AddOtlpExporter()
            .Build();
    }

    private void Describe(ResourceBuilder resource)
    {
        var place = new KeyValuePair<string, object>("deployment.environment.name", environment.EnvironmentName.ToLowerInvariant());
        // Ours first, the operator's words (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) last, because the last one wins.
        _ = resource.Clear()
            .AddService(name.Value, serviceVersion: Version, autoGenerateServiceInstanceId: true)
            .AddAttributes([place])
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
    }
}

/// <summary>What a host is called in telemetry: <c>a2a-scheduler</c>, or <c>a2a-standalone</c> for several modules in one.</summary>
/// <param name="Value">The name.</param>
public sealed record TelemetryName(string Value)
{
    /// <summary>The name for these modules.</summary>
    public static TelemetryName Of(IReadOnlyList<IModule> modules) =>
        new("a2a-" + (modules.Count == 1 ? modules[0].Name : "standalone"));
}
