using System.Text;

namespace A2A.Micro.ServiceDefaults;

/// <summary>One set of labels of a family, with its numbers.</summary>
internal sealed class PrometheusSeries(string labels, double[] bounds, PrometheusKind kind)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = kind == PrometheusKind.Histogram ? new long[bounds.Length + 1] : [];
    private double _value;
    private long _count;

    public void Record(double value, bool replaces)
    {
        lock (_gate)
        {
            if (kind == PrometheusKind.Histogram)
            {
                if (double.IsNaN(value)) { return; }
                _buckets[Bucket(value)]++;
                _count++;
            }

            _value = replaces ? value : _value + value;
        }
    }

    public void Print(StringBuilder text, string name)
    {
        lock (_gate)
        {
            if (kind != PrometheusKind.Histogram)
            {
                Line(text, name, labels, _value);
                return;
            }

            long below = 0;
            var before = labels.Length == 0 ? "" : labels + ",";
            for (var i = 0; i < _buckets.Length; i++)
            {
                below += _buckets[i];
                var bound = i < bounds.Length ? PrometheusText.Number(bounds[i]) : "+Inf";
                Line(text, name + "_bucket", $"{before}le=\"{bound}\"", below);
            }

            Line(text, name + "_sum", labels, _value);
            Line(text, name + "_count", labels, _count);
        }
    }

    // A bound is the largest value of its bucket.
    private int Bucket(double value)
    {
        var found = Array.BinarySearch(bounds, value);
        return found >= 0 ? found : ~found;
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        _ = text.Append(name);
        if (labels.Length > 0) { _ = text.Append('{').Append(labels).Append('}'); }
        _ = text.Append(' ').Append(PrometheusText.Number(value)).Append('\n');
    }
}
