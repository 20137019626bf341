using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Text;

namespace A2A.Micro.ServiceDefaults;

/// <summary>All series of one metric name.</summary>
internal sealed record PrometheusFamily(string Name, PrometheusKind Kind, bool IsObservable, string Help, double[] Bounds)
{
    // Long enough for a task that runs for an hour.
    private static readonly double[] Seconds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];
    private static readonly double[] Counts = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    // Measurements find their series without an allocation, by their tags as given; Print sees each set of labels once.
    private readonly ConcurrentDictionary<Tags, PrometheusSeries> _byTags = new(new TagsComparer());
    private readonly Dictionary<string, PrometheusSeries> _byLabels = new(StringComparer.Ordinal);

    private bool IsLastValue { get; init; }

    public static PrometheusFamily Of(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        var kind = type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? PrometheusKind.Counter
            : type == typeof(Histogram<>) ? PrometheusKind.Histogram
            : PrometheusKind.Gauge;
        var name = PrometheusText.Name(instrument.Name, instrument.Unit, kind);
        var bounds = kind == PrometheusKind.Histogram ? Boundaries(instrument) : [];
        return new PrometheusFamily(name, kind, instrument.IsObservable, instrument.Description ?? "", bounds)
        {
            IsLastValue = type == typeof(Gauge<>),
        };
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var lookup = _byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        if (!lookup.TryGetValue(tags, out var series)) { series = Add(tags); }
        // An observable instrument and a gauge report where they stand, a counter and an up-down counter report steps.
        series.Record(value, replaces: IsObservable || IsLastValue);
    }

    public void BeginObservation()
    {
        if (!IsObservable) { return; }
        lock (_byLabels)
        {
            // What is no longer reported is gone, such as the slots of an agent that left.
            _byLabels.Clear();
            _byTags.Clear();
        }
    }

    public void Print(StringBuilder text)
    {
        PrometheusSeries[] all;
        lock (_byLabels) { all = [.. _byLabels.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)]; }
        if (all.Length == 0) { return; }
        if (Help.Length > 0) { _ = text.Append("# HELP ").Append(Name).Append(' ').Append(PrometheusText.Help(Help)).Append('\n'); }
        _ = text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind.ToString().ToLowerInvariant()).Append('\n');
        foreach (var series in all) { series.Print(text, Name); }
    }

    private PrometheusSeries Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_byLabels)
        {
            var labels = PrometheusText.Labels(tags);
            if (_byLabels.TryGetValue(labels, out var series))
            {
                // The same labels in another order; the bound keeps a caller that shuffles them from filling the memory.
                if (_byTags.Count < 4 * Prometheus.SeriesMax) { _byTags[new Tags(tags.ToArray())] = series; }
                return series;
            }

            if (_byLabels.Count >= Prometheus.SeriesMax)
            {
                const string overflow = "overflow=\"true\"";
                return _byLabels.TryGetValue(overflow, out var rest)
                    ? rest
                    : _byLabels[overflow] = new PrometheusSeries(overflow, Bounds, Kind);
            }

            series = _byLabels[labels] = new PrometheusSeries(labels, Bounds, Kind);
            _byTags[new Tags(tags.ToArray())] = series;
            return series;
        }
    }

    private static double[] Boundaries(Instrument instrument)
    {
        IReadOnlyList<double>? advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
            _ => null,
        };
        return advised is { Count: > 0 } ? [.. advised] : instrument.Unit == "s" ? Seconds : Counts;
    }

    private readonly record struct Tags(KeyValuePair<string, object?>[] Items);

    private sealed class TagsComparer
        : IEqualityComparer<Tags>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, Tags>
    {
        public bool Equals(Tags x, Tags y) => Equals(x.Items.AsSpan(), y);

        public int GetHashCode([DisallowNull] Tags obj) => GetHashCode(obj.Items.AsSpan());

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, Tags other)
        {
            if (alternate.Length != other.Items.Length) { return false; }
            for (var i = 0; i < alternate.Length; i++)
            {
                if (alternate[i].Key != other.Items[i].Key || !Equals(alternate[i].Value, other.Items[i].Value)) { return false; }
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = new HashCode();
            foreach (var (key, value) in alternate)
            {
                hash.Add(key);
                hash.Add(value);
            }

            return hash.ToHashCode();
        }

        public Tags Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate.ToArray());
    }
}

/// <summary>The types of exposition format 0.0.4 that instruments map to.</summary>
internal enum PrometheusKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts per upper bound.</summary>
    Histogram,
}
