using System.Reflection;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Timers;
using A2A.Micro.Security;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Encryption;
using Microsoft.Extensions.Configuration;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Every name below a section of ours must be one that is read: a misspelt one would leave something off that somebody believes to be on. Services are
/// often given one set of settings for all, so sections of other services are known by name, and looked into where they are at home.
/// </summary>
public static class KnownSettings
{
    private static readonly (string Section, Type? Options)[] Everywhere =
    [
        (MicroHostOptions.Section, typeof(MicroHostOptions)),
        (EventOptions.Section, typeof(EventOptions)),
        ("A2A:Outbox", typeof(OutboxOptions)),
        ("A2A:Timers", typeof(TimerOptions)),
        (MessagingOptions.Section, typeof(MessagingOptions)),
        (BrokerOptions.Section, typeof(BrokerOptions)),
        (KeyOptions.Section, typeof(KeyOptions)),
        (SecurityOptions.Section, typeof(SecurityOptions)),
    ];

    // Of some hosts, with the names in them that no options class has.
    private static readonly (string Section, string[] More)[] Somewhere =
    [
        ("A2A:Gateway", []), ("A2A:Webhooks", []), ("A2A:Scheduler", []), ("A2A:ResourceManager", []), ("A2A:StateSync", []), ("StateSync", []),
        ("Agent", ["Id"]),
    ];

    /// <summary>All sections of ours.</summary>
    public static IEnumerable<string> Sections { get; } =
        [.. Everywhere.Select(one => one.Section).Concat(Somewhere.Select(one => one.Section)).Distinct(StringComparer.Ordinal)];

    /// <summary>Throws at the first name that nothing reads.</summary>
    /// <param name="configuration">What the host was given.</param>
    /// <param name="modules">What runs in it.</param>
    /// <exception cref="StartupRefusedException">The sentence for the operator.</exception>
    public static void Check(IConfiguration configuration, IEnumerable<IModule> modules)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var types = Everywhere.Concat(OfModules(modules)).ToLookup(one => one.Section, one => one.Options!, StringComparer.Ordinal);
        foreach (var section in Sections.Where(section => types.Contains(section) || Sections.Any(other => IsBelow(other, section))))
        {
            var more = Somewhere.FirstOrDefault(one => one.Section == section).More ?? [];
            Check(configuration.GetSection(section), [.. types[section]], [.. more, .. SubsectionsOf(section)]);
        }
    }

    private static IEnumerable<(string Section, Type? Options)> OfModules(IEnumerable<IModule> modules) =>
        from assembly in modules.Select(module => module.GetType().Assembly).Distinct()
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal)
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
        where section is not null
        select (section, (Type?)type);

    private static void Check(IConfigurationSection section, IReadOnlyList<Type> types, IReadOnlyList<string> more)
    {
        var settings = types.SelectMany(type => type.GetProperties()).Where(IsSetting).ToList();
        foreach (var given in section.GetChildren())
        {
            if (more.Contains(given.Key, StringComparer.OrdinalIgnoreCase)) { continue; }
            if (settings.Find(one => string.Equals(one.Name, given.Key, StringComparison.OrdinalIgnoreCase)) is not { } setting)
            {
                var place = section.Path.Replace(":", "__", StringComparison.Ordinal);
                var known = string.Join(", ", settings.Select(one => one.Name).Concat(more).Distinct().Order(StringComparer.Ordinal));
                throw new StartupRefusedException($"{place}__{given.Key} is no setting: {place} has {known}.");
            }

            if (IsOurs(setting.PropertyType)) { Check(given, [setting.PropertyType], []); }
            else if (setting.PropertyType is { IsGenericType: true, GenericTypeArguments: [var entry] } && IsOurs(entry))
            {
                foreach (var one in given.GetChildren()) { Check(one, [entry], []); }
            }
        }
    }

    // What has no setter is no setting, unless it is a list that is filled.
    private static bool IsSetting(PropertyInfo property) => property.CanWrite || property.PropertyType.IsGenericType && !property.PropertyType.IsValueType;

    private static bool IsOurs(Type type) => type.IsClass && type.Namespace?.StartsWith("A2A.Micro", StringComparison.Ordinal) == true;

    private static bool IsBelow(string section, string above) => section.StartsWith(above + ":", StringComparison.Ordinal);

    private static IEnumerable<string> SubsectionsOf(string section) =>
        Sections.Where(other => IsBelow(other, section)).Select(other => other[(section.Length + 1)..]);
}
