using System.Text.Json;

namespace A2A.Micro.Standalone.Demo;

/// <summary>One live line per task on a terminal; one line per change where the output is not a terminal.</summary>
internal sealed class ProgressBoard
{
    private const int BarLength = 20;

    private readonly IReadOnlyList<string> _titles;
    private readonly string[] _shown;
    private readonly Lock _gate = new();
    private readonly bool _live = !Console.IsOutputRedirected;

    public ProgressBoard(IReadOnlyList<string> titles)
    {
        _titles = titles;
        _shown = new string[titles.Count];
        if (!_live) { return; }
        foreach (var title in titles) { Console.WriteLine("  " + title); }
    }

    /// <summary>Shows an event of a task's stream: the whole task first, changes after it.</summary>
    public void Show(int line, JsonElement seen, TimeSpan elapsed)
    {
        string Text(string name) => seen.TryGetProperty(name, out var member) ? member.ToString() : "";
        var state = Text("state");
        if (state.Length == 0) { return; }
        var progress = state == "completed" ? 1 : seen.TryGetProperty("progress", out var portion) ? portion.GetDouble() : 0;
        var bar = new string('#', (int)(progress * BarLength)).PadRight(BarLength, '.');
        var text = $"{_titles[line],-48} [{bar}] {progress,4:P0} {state,-10} {Text("agent_id"),-20} {Text("progress_message")}";
        lock (_gate)
        {
            if (_shown[line] == text) { return; }
            _shown[line] = text;
            if (_live)
            {
                var up = _titles.Count - line;
                Console.Write($"\e[{up}A\r\e[2K  {Fit(text)}  {elapsed.TotalSeconds:0.0} s\e[{up}B\r");
            }
            else
            {
                Console.WriteLine($"  {text.TrimEnd()}  {elapsed.TotalSeconds:0.0} s");
            }
        }
    }

    private static string Fit(string text)
    {
        var width = Math.Max(40, Console.WindowWidth - 12);
        return text.Length <= width ? text : text[..width];
    }
}
