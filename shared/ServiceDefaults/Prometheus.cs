using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// What the process measures, as Prometheus text (exposition format 0.0.4) at <c>/metrics</c>. Listens to the meters of this project,
/// of HTTP, the runtime and the database driver; MassTransit's go out over OTLP only, because they measure every message several times.
/// </summary>
public sealed class Prometheus : IDisposable
{
    /// <summary>Most series of one instrument; what comes later is counted together under <c>overflow="true"</c>.</summary>
    public const int SeriesMax = 1000;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, PrometheusFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <summary>Starts to listen.</summary>
    /// <param name="includes">Which instruments; null: those named above.</param>
    public Prometheus(Func<Instrument, bool>? includes = null)
    {
        includes ??= IsInteresting;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (includes(instrument)) { listener.EnableMeasurementEvents(instrument, FamilyOf(instrument)); }
        };
        Listen<byte>(static value => value);
        Listen<short>(static value => value);
        Listen<int>(static value => value);
        Listen<long>(static value => value);
        Listen<float>(static value => value);
        Listen<double>(static value => value);
        Listen<decimal>(static value => (double)value);
        _listener.Start();
    }

    /// <summary>Reads the observable instruments and prints everything, families in order of their names.</summary>
    public string Print()
    {
        lock (_gate)
        {
            foreach (var family in _families.Values) { family.BeginObservation(); }
        }

        _listener.RecordObservableInstruments();
        var text = new StringBuilder(16 * 1024);
        lock (_gate)
        {
            foreach (var family in _families.Values) { family.Print(text); }
        }

        return text.ToString();
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private static bool IsInteresting(Instrument instrument) =>
        instrument.Meter.Name.StartsWith("A2A.", StringComparison.Ordinal)
        || instrument.Meter.Name is "Microsoft.AspNetCore.Hosting" or "Microsoft.AspNetCore.Server.Kestrel" or "System.Runtime" or "Npgsql";

    private PrometheusFamily FamilyOf(Instrument instrument)
    {
        var made = PrometheusFamily.Of(instrument);
        lock (_gate)
        {
            // The same instrument of two meters (two modules in one process) is one family; another kind of the same name is not.
            for (var name = made.Name; ; name += "_2")
            {
                if (!_families.TryGetValue(name, out var known)) { return _families[name] = made with { Name = name }; }
                if (known.Kind == made.Kind) { return known; }
            }
        }
    }

    private void Listen<T>(Func<T, double> number) where T : struct =>
        _listener.SetMeasurementEventCallback<T>((_, value, tags, state) => ((PrometheusFamily)state!).Record(number(value), tags));
}

/// <summary>The route.</summary>
public static class PrometheusRoute
{
    /// <summary>Adds <c>/metrics</c>.</summary>
    public static void MapPrometheus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", static (HttpContext http, Prometheus metrics) =>
        {
            http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            http.Response.Headers.CacheControl = "no-store";
            return http.Response.WriteAsync(metrics.Print(), http.RequestAborted);
        }).ExcludeFromDescription();
}
