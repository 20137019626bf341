using System.Globalization;

namespace A2A.Micro.Bench.Measuring;

/// <summary>Finds who listens on a port of this machine.</summary>
public static class Listeners
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>The process; null when it is on another machine, or of another user and we may not look.</summary>
    public static int? On(int port)
    {
        var sockets = Tables.Where(File.Exists)
            .SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listening
                && int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port)
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet();
        return Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(process => process > 0 && Handles(process).Any(sockets.Contains))
            .Order().Cast<int?>().FirstOrDefault();
    }

    private static List<string> Handles(int process)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries($"/proc/{process}/fd")
                .Select(handle => new FileInfo(handle).LinkTarget).OfType<string>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
